//! Jars from Maven Central, fetched once into the target folder. Several test programs may want them at once: one
//! fetches while the others wait, and what a cut connection left half-way is never taken for the whole.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with all jars that a `pom.xml` names; where they are not there and can't be fetched,
/// the reason.
pub(crate) fn jars(name: &str, pom: &str) -> Result<PathBuf, String> {
    let cache = target().join("test-servers");
    fs::create_dir_all(&cache).expect("a folder for what is fetched");
    let lock = File::create(cache.join(format!("{name}.lock"))).expect("a file to lock");
    // Until the end of this function, or of this process.
    lock.lock().expect("the lock");
    let folder = cache.join(name);
    if fs::read_to_string(folder.join("pom.xml")).is_ok_and(|fetched| fetched == pom) {
        return Ok(folder);
    }
    let part = cache.join(format!("{name}.part"));
    for old in [&folder, &part] {
        if old.exists() {
            fs::remove_dir_all(old).expect("nothing else uses it");
        }
    }
    fs::create_dir(&part).expect("a folder");
    fs::write(part.join("pom.xml"), pom).expect("a file");
    fetch(&part)?;
    fs::rename(&part, &folder).expect("a name for what is whole");
    Ok(folder)
}

fn fetch(folder: &Path) -> Result<(), String> {
    let run = Command::new("mvn")
        // Quietly, asking nothing, and only what its checksum is right of.
        .args(["-q", "-B", "--strict-checksums", "-f"])
        .arg(folder.join("pom.xml"))
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", folder.display()))
        .output()
        .map_err(|_| "it comes by Maven, Debian: maven".to_owned())?;
    if run.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&run.stdout).into_owned();
    Err(format!("Maven could not fetch it: {}", told.lines().next().unwrap_or_default()))
}

/// Cargo's target folder, wherever it is: the test program lies in it, and cargo marks it as a cache.
pub(crate) fn target() -> PathBuf {
    let program = env::current_exe().expect("a program knows itself");
    let found = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    found.map_or_else(env::temp_dir, Path::to_path_buf)
}
