//! Where files live: the XDG folders, and the flags and variables that move them.

use std::path::{Path, PathBuf};

use super::Flags;
use super::problem::Problem;

/// Every place this program reads or writes on its own account. Nothing is created here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    pub config_file: PathBuf,
    /// Whether a flag or variable names the config file, so that its absence is a mistake.
    pub config_named: bool,
    /// `$XDG_CONFIG_HOME/routedeck`: home of `key` and `themes/`.
    pub config_dir: PathBuf,
    pub data_dir: PathBuf,
    pub database: PathBuf,
    pub log: PathBuf,
}

/// Finds the places. Without a home they are in `/nonexistent`, where nothing can be kept.
pub(super) fn find(
    flags: &Flags,
    env: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> Paths {
    let filled = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = filled("HOME").filter(|home| home.is_absolute());
    // The XDG specification: a relative path is to be ignored.
    let xdg = |name: &str, below: &str| {
        filled(name)
            .filter(|dir| dir.is_absolute())
            .or_else(|| home.as_ref().map(|home| home.join(below)))
            .map(|dir| dir.join("routedeck"))
    };
    let config_dir = xdg("XDG_CONFIG_HOME", ".config");
    let data_dir = flags
        .data_dir
        .clone()
        .or_else(|| filled("ROUTEDECK_DATA_DIR"))
        .or_else(|| xdg("XDG_DATA_HOME", ".local/share"));
    let log_dir = xdg("XDG_STATE_HOME", ".local/state").or_else(|| data_dir.clone());
    if config_dir.is_none() || data_dir.is_none() {
        problems.push(Problem::new(
            "HOME",
            "is not set, so there is no place for settings and chats",
            "Set HOME, or give --data-dir DIR and --config FILE.",
        ));
    }
    let nowhere = || Path::new("/nonexistent").join("routedeck");
    let config_dir = config_dir.unwrap_or_else(nowhere);
    let data_dir = data_dir.unwrap_or_else(nowhere);
    let named = flags.config.clone().or_else(|| filled("ROUTEDECK_CONFIG"));
    Paths {
        config_named: named.is_some(),
        config_file: named.unwrap_or_else(|| config_dir.join("config.toml")),
        database: data_dir.join("routedeck.db"),
        log: log_dir.unwrap_or_else(nowhere).join("log"),
        config_dir,
        data_dir,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(flags: &Flags, vars: &[(&str, &str)]) -> (Paths, Vec<Problem>) {
        let vars: Vec<(String, String)> =
            vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let env = move |name: &str| vars.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
        let mut problems = Vec::new();
        (find(flags, &env, &mut problems), problems)
    }

    #[test]
    fn home_is_enough_and_relative_xdg_folders_are_ignored() {
        let (paths, problems) =
            found(&Flags::default(), &[("HOME", "/home/ada"), ("XDG_DATA_HOME", "data")]);
        assert_eq!(paths.config_file, Path::new("/home/ada/.config/routedeck/config.toml"));
        assert_eq!(paths.database, Path::new("/home/ada/.local/share/routedeck/routedeck.db"));
        assert_eq!(paths.log, Path::new("/home/ada/.local/state/routedeck/log"));
        assert!(problems.is_empty() && !paths.config_named);
    }

    #[test]
    fn flags_beat_variables_and_variables_beat_folders() {
        let vars = [
            ("HOME", "/home/ada"),
            ("XDG_CONFIG_HOME", "/c"),
            ("ROUTEDECK_DATA_DIR", "/d"),
            ("ROUTEDECK_CONFIG", "/e.toml"),
        ];
        let (paths, _) = found(&Flags::default(), &vars);
        assert_eq!(paths.config_file, Path::new("/e.toml"));
        assert_eq!(paths.config_dir, Path::new("/c/routedeck"));
        assert_eq!(paths.data_dir, Path::new("/d"));
        let flags = Flags { data_dir: Some("/f".into()), ..Flags::default() };
        assert_eq!(found(&flags, &vars).0.data_dir, Path::new("/f"));
    }

    #[test]
    fn no_home_is_said() {
        let (paths, problems) = found(&Flags::default(), &[]);
        assert_eq!(problems.len(), 1);
        assert!(paths.database.starts_with("/nonexistent"));
    }
}
