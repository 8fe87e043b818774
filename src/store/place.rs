//! Where the database file is, and how a connection to it is made.

use std::ffi::OsString;
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::lease::Lives;

/// How long a statement waits for another instance.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Below this many free bytes an input/output error is taken for a full disk.
const HARDLY_ANY_ROOM: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub(super) struct Place {
    /// `None`: in memory only.
    pub(super) path: Option<PathBuf>,
    pub(super) lives: Option<Lives>,
    /// On a network file system, where the log that several processes share would tear.
    pub(super) network: bool,
}

impl Place {
    pub(super) fn mark_damaged(&self) {
        if let Some(lives) = &self.lives {
            lives.mark_damaged();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        let Some(dir) = self.path.as_deref().and_then(Path::parent) else { return false };
        rustix::fs::statvfs(dir).is_ok_and(|fs| fs.f_bavail * fs.f_frsize < HARDLY_ANY_ROOM)
    }
}

/// The path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the directory (0700) and the file (0600), and takes rights of others to the file away.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty() && !dir.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    // Only a file that did not exist may be opened here: closing a file of a database drops all
    // locks this process has on it.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let facts = std::fs::metadata(path)?;
            if facts.is_dir() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            if facts.permissions().mode() & 0o077 != 0 {
                std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// A connection that writes; [`trust`] it once the file has been looked at.
pub(super) fn connect(path: &Path, network: bool) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    // Should the file turn out to be damaged, its log is left as it is.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    set_up(&db)?;
    if network {
        db.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL")?;
    } else {
        db.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL;
             PRAGMA wal_autocheckpoint = 1000;
             PRAGMA journal_size_limit = 16777216",
        )?;
    }
    Ok(db)
}

/// The file is sound: the last one to close it may tidy up its log.
pub(super) fn trust(db: &Connection) -> Result<(), rusqlite::Error> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// A connection that reads.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    set_up(&db)?;
    Ok(db)
}

/// What every connection needs. The cache of pages is small: the system keeps the file in memory
/// anyway, and a catalogue that passes through would stay in it for good.
pub(super) fn set_up(db: &Connection) -> Result<(), rusqlite::Error> {
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -1000;
         PRAGMA trusted_schema = OFF",
    )
}

/// Whether the directory of the file is on another machine (or behind a program).
#[cfg(target_os = "linux")]
pub(super) fn is_on_network(path: &Path) -> bool {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::statfs(dir).is_ok_and(|fs| is_network_magic(fs.f_type as u64 & 0xffff_ffff))
}

/// Elsewhere the kinds of file systems have other names; a local one is assumed.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_on_network(_path: &Path) -> bool {
    false
}

/// The numbers by which statfs(2) names network file systems.
#[cfg(target_os = "linux")]
fn is_network_magic(kind: u64) -> bool {
    const NFS: u64 = 0x6969;
    const SMB: u64 = 0x517b;
    const CIFS: u64 = 0xff53_4d42;
    const SMB2: u64 = 0xfe53_4d42;
    const NINE_P: u64 = 0x0102_1997;
    const FUSE: u64 = 0x6573_5546;
    const AFS: u64 = 0x5346_414f;
    const CEPH: u64 = 0x00c3_6400;
    const LUSTRE: u64 = 0x0bd0_0bd0;
    [NFS, SMB, CIFS, SMB2, NINE_P, FUSE, AFS, CEPH, LUSTRE].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn network_file_systems_are_known_by_their_numbers() {
        assert!(is_network_magic(0x6969));
        assert!(is_network_magic(0xff53_4d42));
        // ext4 and tmpfs
        assert!(!is_network_magic(0xef53));
        assert!(!is_network_magic(0x0102_1994));
    }

    #[test]
    fn files_are_for_their_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/data/db");
        prepare(&path).unwrap();
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        prepare(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
