//! Bringing tables up to date: numbered SQL files, each run once, each in one transaction.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::error::{Done, Fail, StoreError};
use super::place::beside;

/// In order. A released file is never edited; a change is a new file at the end.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("migrations/001_first.sql"), include_str!("migrations/002_conversation.sql")];

/// The mark of our databases in their header.
const APPLICATION: i64 = 0x5244_4b31;

/// How many migrations a database has seen.
pub(super) fn version(db: &Connection) -> Result<i64, rusqlite::Error> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Runs what is missing. A database with something in it is copied first; gives the copy's path.
pub(super) fn migrate(
    db: &Connection,
    path: Option<&Path>,
    migrations: &[&str],
) -> Done<Option<PathBuf>> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = version(db)?;
    if found > known {
        let path = path.unwrap_or(Path::new(":memory:")).to_owned();
        return Err(Fail::Refused(StoreError::Newer { found, known, path }));
    }
    if found == known {
        return Ok(None);
    }
    let is_empty = !db.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
    let mark: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let backup = match path {
        Some(path) if !is_empty => {
            if mark != APPLICATION {
                let error = StoreError::unreadable(path, "it belongs to another program");
                return Err(Fail::Refused(error));
            }
            Some(back_up(db, path, found)?)
        }
        Some(_) | None => None,
    };
    let steps = usize::try_from(found).unwrap_or(0);
    for (at, sql) in (found..).zip(&migrations[steps..]) {
        step(db, at, sql)?;
    }
    Ok(backup)
}

fn step(db: &Connection, at: i64, sql: &str) -> Done<()> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    // Another instance may have been quicker.
    let result = match version(db) {
        Ok(now) if now > at => Ok(()),
        Ok(_) => {
            db.execute_batch(sql).and_then(|()| db.pragma_update(None, "user_version", at + 1))
        }
        Err(error) => Err(error),
    };
    match result.and_then(|()| db.execute_batch("COMMIT")) {
        Ok(()) => Ok(()),
        Err(error) => {
            // Fails only where SQLite has rolled back already.
            let _ = db.execute_batch("ROLLBACK");
            Err(error.into())
        }
    }
}

/// A checked copy beside the database. A copy of the files would miss what is in the log.
fn back_up(db: &Connection, path: &Path, version: i64) -> Done<PathBuf> {
    let target = beside(path, &format!(".v{version}.backup"));
    let draft = beside(&target, ".tmp");
    let io = |error: std::io::Error| Fail::Refused(StoreError::unreadable(&target, error));
    // Left over from a backup that did not end.
    let _ = std::fs::remove_file(&draft);
    db.execute("VACUUM INTO ?1", [draft.to_string_lossy()])?;
    {
        let copy = Connection::open(&draft)?;
        let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            let why = format!("its copy is damaged: {verdict}");
            return Err(Fail::Refused(StoreError::unreadable(path, why)));
        }
    }
    File::open(&draft).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(&draft, &target).map_err(io)?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[&str] = &[MIGRATIONS[0]];
    const NEXT: &[&str] = &[
        MIGRATIONS[0],
        "ALTER TABLE chat ADD COLUMN colour TEXT; UPDATE chat SET colour = 'red';",
    ];

    fn old_database(dir: &Path) -> (PathBuf, Connection) {
        let path = dir.join("db");
        let db = Connection::open(&path).unwrap();
        migrate(&db, Some(&path), FIRST).unwrap();
        db.execute_batch(
            "INSERT INTO chat (uid, title, created, updated, upstream, params)
             VALUES ('a', 'kept', 1, 1, 'u', '{}')",
        )
        .unwrap();
        (path, db)
    }

    fn title(path: &Path) -> String {
        let db = Connection::open(path).unwrap();
        db.query_row("SELECT title FROM chat", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_old_database_is_copied_and_brought_up_to_date() {
        let dir = tempfile::tempdir().unwrap();
        let (path, db) = old_database(dir.path());
        let backup = migrate(&db, Some(&path), NEXT).unwrap().unwrap();
        assert_eq!(version(&db).unwrap(), 2);
        assert_eq!(title(&path), "kept");
        assert_eq!(title(&backup), "kept");
        assert_eq!(version(&Connection::open(&backup).unwrap()).unwrap(), 1);
        assert_eq!(migrate(&db, Some(&path), NEXT).unwrap(), None);
    }

    #[test]
    fn every_version_comes_up_to_date_with_what_it_held() {
        for seen in 1..MIGRATIONS.len() {
            let dir = tempfile::tempdir().unwrap();
            let (path, db) = old_database(dir.path());
            migrate(&db, Some(&path), &MIGRATIONS[..seen]).unwrap();
            migrate(&db, Some(&path), MIGRATIONS).unwrap();
            assert_eq!(version(&db).unwrap(), i64::try_from(MIGRATIONS.len()).unwrap());
            assert_eq!(title(&path), "kept");
        }
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (path, db) = old_database(dir.path());
        let broken = &[MIGRATIONS[0], "DELETE FROM chat; CREATE TABLE chat (id)"];
        assert!(migrate(&db, Some(&path), broken).is_err());
        assert_eq!(version(&db).unwrap(), 1);
        assert_eq!(title(&path), "kept");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (path, db) = old_database(dir.path());
        migrate(&db, Some(&path), NEXT).unwrap();
        let error = StoreError::from(migrate(&db, Some(&path), FIRST).unwrap_err());
        assert_eq!(error, StoreError::Newer { found: 2, known: 1, path });
    }

    #[test]
    fn a_database_of_another_program_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
        assert!(matches!(
            migrate(&db, Some(&path), MIGRATIONS),
            Err(Fail::Refused(StoreError::Unreadable { .. }))
        ));
        assert!(db.prepare("SELECT x FROM theirs").unwrap().exists([]).unwrap());
    }
}
