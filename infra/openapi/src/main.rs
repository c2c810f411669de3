//! `cargo run -p openapi`: writes the documents into `shared/api/openapi`.

use std::{io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/api/openapi");
    for (name, document) in openapi::documents() {
        std::fs::write(folder.join(name), openapi::text(&document)?)?;
    }
    Ok(())
}
