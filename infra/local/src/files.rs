//! The data folder: one process at a time, and nothing in it readable by others.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Makes the folder and takes its lock, which lasts as long as the returned file.
pub fn claim(folder: &Path) -> io::Result<File> {
    // A folder that somebody else made keeps its mode and its files; ours in it are private one by one.
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    let lock =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(io::Error::other("another process is using it")),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Replaces a file in one step, mode 600: a reader sees the old or the new one, never a part.
pub fn write_private(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    Ok(())
}

/// Takes a file out of others' reach; one that is missing is made, empty.
pub fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_claimed_by_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap();
        assert!(claim(folder.path()).is_err());
        drop(first);
        assert!(claim(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_that_was_there_keeps_its_mode_and_its_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path().join(".gitignore"), "target/\n").unwrap();
        drop(claim(folder.path()).unwrap());
        assert_eq!(fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "target/\n");
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_private_file_is_replaced_whole_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        write_private(folder.path(), "a", b"one").unwrap();
        write_private(folder.path(), "a", b"two").unwrap();
        let path = folder.path().join("a");
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
