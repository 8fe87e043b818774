//! What can go wrong with the database, in sentences a person can act on.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store could not do something. Each says what happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the database {} was written by a newer routedeck (version {found} of its tables, this \
         one knows {known}). Update routedeck, or choose another directory with --data-dir.",
        path.display()
    )]
    Newer { found: i64, known: i64, path: PathBuf },
    #[error(
        "the database {} cannot be used: {why}. Set that right, or choose another directory with \
         --data-dir.",
        path.display()
    )]
    Unreadable { path: PathBuf, why: String },
    #[error("the disk is full: nothing can be saved until there is room again. Free some space.")]
    Full,
    /// What was asked for is not there (any more); the word says what it is.
    #[error("this {0} is gone: it was deleted for good. Start a new one.")]
    Gone(&'static str),
    #[error("the database is closed")]
    Closed,
    #[error("the database failed: {0}")]
    Sql(String),
}

impl StoreError {
    pub(super) fn unreadable(path: &Path, why: impl Into<Why>) -> StoreError {
        StoreError::Unreadable { path: path.to_owned(), why: why.into().0 }
    }
}

/// A reason in words.
pub(super) struct Why(String);

impl From<&str> for Why {
    fn from(text: &str) -> Why {
        Why(text.to_owned())
    }
}

impl From<String> for Why {
    fn from(text: String) -> Why {
        Why(text)
    }
}

/// The system's words without its error number.
impl From<std::io::Error> for Why {
    fn from(error: std::io::Error) -> Why {
        let text = error.to_string();
        Why(text.split(" (os error").next().unwrap_or(&text).to_lowercase())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match trouble(&error) {
            Trouble::Full => StoreError::Full,
            Trouble::Disk
            | Trouble::Locked
            | Trouble::Damaged
            | Trouble::Denied
            | Trouble::Other => StoreError::Sql(error.to_string()),
        }
    }
}

/// How a piece of work on the database fails: by SQLite, or because it makes no sense.
#[derive(Debug)]
pub(super) enum Fail {
    Sql(rusqlite::Error),
    Refused(StoreError),
}

pub(super) type Done<T> = Result<T, Fail>;

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Fail {
        Fail::Sql(error)
    }
}

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Fail {
        Fail::Refused(StoreError::Sql(error.to_string()))
    }
}

impl From<Fail> for StoreError {
    fn from(fail: Fail) -> StoreError {
        match fail {
            Fail::Sql(error) => error.into(),
            Fail::Refused(error) => error,
        }
    }
}

/// Who is to blame for an error of SQLite: the place the file is in, or the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Full,
    /// Reading or writing the disk failed.
    Disk,
    /// Somebody else holds the lock for longer than we wait.
    Locked,
    /// The file is damaged, or no database at all.
    Damaged,
    /// The file may not be opened or written.
    Denied,
    /// The statement itself: it would fail on any disk.
    Other,
}

pub(super) fn trouble(error: &rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Trouble::Full,
        Some(ErrorCode::SystemIoFailure) => Trouble::Disk,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Locked,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Damaged,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            Trouble::Denied
        }
        _ => Trouble::Other,
    }
}
