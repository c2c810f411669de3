//! `cargo run -p openapi`: writes the documents into `shared/api/openapi`, and the parts of the connectors' pages that are
//! made from the code into `shared/connectors/docs`.

use std::{io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/openapi");
    for (name, document) in openapi::documents() {
        std::fs::write(folder.join(name), openapi::text(&document)?)?;
    }
    for (kind, file) in openapi::pages::files() {
        let page = std::fs::read_to_string(&file)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))?;
        std::fs::write(&file, openapi::pages::filled(kind, &page)?)?;
    }
    Ok(())
}
