//! Which instances of the program are alive: each holds a lock on a small file of its own beside
//! the database. The system lets go of the lock when the program dies, however it dies; a process
//! id alone could be anybody's by then.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::place::beside;

const DAMAGED: &str = ".damaged";

/// The directory of those files.
#[derive(Clone, Debug)]
pub(super) struct Lives {
    dir: PathBuf,
}

/// The other instances at one moment.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) alive: Vec<String>,
    /// Ended without saying goodbye; their files are still there.
    pub(super) dead: Vec<String>,
}

impl Lives {
    pub(super) fn beside(database: &Path) -> io::Result<Lives> {
        let dir = beside(database, "-live");
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        Ok(Lives { dir })
    }

    fn file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.dir.join(name))
    }

    /// Holds others back while one opens, migrates or repairs. Where locks do not work, it holds
    /// nobody.
    pub(super) fn gate(&self) -> io::Result<File> {
        let file = self.file(".opening")?;
        if let Err(error) = file.lock() {
            tracing::warn!(%error, "no locks here");
        }
        Ok(file)
    }

    /// Says that this instance lives. The file appears under its name only when it is locked, so
    /// nobody takes a newborn for dead.
    pub(super) fn take(&self) -> io::Result<Lease> {
        // Seeded by the system for each of them.
        let chance = RandomState::new().build_hasher().finish();
        let id = format!("{}-{chance:016x}", std::process::id());
        let early = format!(".{id}");
        let file = self.file(&early)?;
        if let Err(error) = file.try_lock() {
            tracing::warn!(%error, "no locks here");
        }
        let path = self.dir.join(&id);
        std::fs::rename(self.dir.join(early), &path)?;
        Ok(Lease { id, path, file })
    }

    pub(super) fn others(&self, me: Option<&str>) -> io::Result<Others> {
        let mut others = Others::default();
        for entry in std::fs::read_dir(&self.dir)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || Some(name.as_str()) == me {
                continue;
            }
            let Ok(file) = File::open(self.dir.join(&name)) else { continue };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => others.alive.push(name),
                // No locks here: then nothing says that it lives.
                Ok(()) | Err(TryLockError::Error(_)) => others.dead.push(name),
            }
        }
        Ok(others)
    }

    pub(super) fn forget(&self, dead: &[String]) {
        for name in dead {
            // Another instance may have been quicker.
            let _ = std::fs::remove_file(self.dir.join(name));
        }
    }

    pub(super) fn mark_damaged(&self) {
        if let Err(error) = self.file(DAMAGED) {
            tracing::warn!(%error, "the damage could not be noted");
        }
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.dir.join(DAMAGED).exists()
    }

    pub(super) fn clear_damaged(&self) {
        let _ = std::fs::remove_file(self.dir.join(DAMAGED));
    }
}

/// Proof of life of this instance; ends with the process at the latest.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) id: String,
    path: PathBuf,
    file: File,
}

impl Lease {
    /// A clean end: nothing is left for others to look after.
    pub(super) fn give_up(self) {
        let _ = std::fs::remove_file(&self.path);
        drop(self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_the_dead_and_the_gone_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let lives = Lives::beside(&dir.path().join("db")).unwrap();
        let me = lives.take().unwrap();
        let other = lives.take().unwrap();
        let gone = lives.take().unwrap();
        let dying = lives.take().unwrap();
        let dead = dying.id.clone();
        drop(dying);
        gone.give_up();
        let seen = lives.others(Some(&me.id)).unwrap();
        assert_eq!(seen.alive, [&*other.id]);
        assert_eq!(seen.dead, [&*dead]);
        lives.forget(&[dead]);
        assert!(lives.others(Some(&me.id)).unwrap().dead.is_empty());
    }
}
