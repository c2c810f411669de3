//! The connectors' pages say what the code does.

#[test]
fn the_pages_list_the_options_and_operations_of_the_code() {
    for (kind, file) in openapi::pages::files() {
        let page = std::fs::read_to_string(&file).unwrap();
        let filled = openapi::pages::filled(kind, &page).unwrap();
        assert!(filled == page, "{}: `cargo run -p openapi` writes it anew", file.display());
    }
}
