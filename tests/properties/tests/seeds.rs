//! What was once found, and one true example of each: every seed of the fuzz targets holds its property, and the
//! targets, their seeds and their dependencies are in step with what is tested here.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use properties::ALL;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names in a folder, without their endings.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_seed_holds_its_property() {
    let mut broken = Vec::new();
    for (name, property) in ALL {
        for entry in fs::read_dir(fuzz().join("seeds").join(name)).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            if catch_unwind(AssertUnwindSafe(|| property(&data))).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_property_has_a_target_and_seeds_and_no_other_has() {
    let known: BTreeSet<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), known);
    assert_eq!(names(&fuzz().join("seeds")), known);
    assert!(names(&fuzz().join("dictionaries")).is_subset(&known));
    for name in &known {
        assert!(!names(&fuzz().join("seeds").join(name)).is_empty(), "{name} has no seed");
    }
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let listed = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let listed: BTreeSet<String> = listed.map(|path| path.trim_end_matches(".rs\"").to_owned()).collect();
    assert_eq!(listed, known);
}

#[test]
fn a_target_asks_the_property_of_its_own_name() {
    // By address they could not be told apart: a compiler may make one function of two that do the same.
    for (name, _) in ALL {
        let text = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        let property = match name {
            "cql" | "postgres" | "snowflake" => format!("statement::{name}"),
            _ => format!("{name}::check"),
        };
        assert!(text.contains(&format!("properties::{property}(data)")), "{name}: {text}");
    }
}

#[test]
fn the_targets_are_built_with_the_versions_that_are_shipped() {
    let versions = |path: PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for package in text.split("[[package]]").skip(1) {
            let value = |key: &str| package.split(&format!("\n{key} = \"")).nth(1)?.split('"').next();
            let (name, version) = (value("name").unwrap(), value("version").unwrap());
            versions.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
        versions
    };
    let shipped = versions(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"));
    let own = ["arbitrary", "fuzz", "libfuzzer-sys"];
    for (name, fuzzed) in versions(fuzz().join("Cargo.lock")) {
        if !own.contains(&name.as_str()) {
            let shipped =
                shipped.get(&name).unwrap_or_else(|| panic!("{name} is not in the root's Cargo.lock"));
            assert!(fuzzed.is_subset(shipped), "{name}: {fuzzed:?}, and the root has {shipped:?}");
        }
    }
}
