//! Help, settings, completions, the manual: what needs no server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Home, MARKED};

#[test]
fn the_help_texts_are_the_committed_ones() {
    let home = Home::new();
    let mut all = String::new();
    for command in [
        "",
        "ask",
        "models",
        "models show",
        "usage",
        "chats",
        "chats list",
        "chats show",
        "chats search",
        "chats export",
        "chats rm",
        "sandbox",
        "config",
        "config show",
        "completions",
        "man",
    ] {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        // The long form once, with the explanations; `-h` elsewhere.
        args.push(if command.is_empty() { "--help" } else { "-h" });
        let run = home.run(&args).exits(0);
        all.push_str(&format!("$ routedeck {}\n{}\n", args.join(" "), run.stdout));
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn commands_and_options_that_do_not_exist_are_wrong_usage() {
    let home = Home::new();
    for args in [
        &["doctor"][..],
        &["serve"],
        &["bench"],
        &["routes", "list"],
        &["plan"],
        &["ask", "--attach", "x", "hello"],
        &["--no-such-flag"],
        &["models", "--sort", "beauty"],
        &["usage", "--json", "--csv"],
        &["completions", "tcsh2"],
    ] {
        let run = home.run(args).exits(2);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn one_flag_or_variable_moves_each_place() {
    let home = Home::new().with("ROUTEDECK_DATA_DIR", "/elsewhere");
    let run = home.run(&["config", "path", "--config", "/tmp/none.toml"]).exits(0);
    assert!(run.stdout.contains("config    /tmp/none.toml\n"), "{}", run.stdout);
    assert!(run.stdout.contains("database  /elsewhere/routedeck.db\n"), "{}", run.stdout);
    let state = home.path().join(".local/state/routedeck/log");
    assert!(run.stdout.contains(&format!("log       {}\n", state.display())), "{}", run.stdout);
}

#[test]
fn a_config_file_is_begun_once_and_private() {
    let home = Home::new();
    let run = home.run(&["config", "init"]).exits(0);
    let path = home.path().join(".config/routedeck/config.toml");
    assert_eq!(run.stdout, format!("{}\n", path.display()));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    home.run(&["config", "check"]).exits(0);
    fs::write(&path, "[chat]\nmodel = \"mine/one\"\n").unwrap();
    home.run(&["config", "init"]).exits(1).says("stays as it is");
    assert!(fs::read_to_string(&path).unwrap().contains("mine/one"));
}

#[test]
fn mistakes_are_listed_with_their_lines_and_the_rest_counts() {
    let home = Home::new();
    home.write_config("[chat]\nmodle = \"x\"\nmax_tokens = 77\ntemperature = = 1\n[keys]\n");
    let run = home.run(&["config", "check"]).exits(1);
    assert!(run.stdout.contains("config.toml:2 chat.modle: is not a setting"), "{}", run.stdout);
    assert!(run.stdout.contains("Did you mean `model`?"), "{}", run.stdout);
    assert!(run.stdout.contains("config.toml:4: is not TOML"), "{}", run.stdout);
    let shown = home.run(&["config", "show", "--json"]).exits(0).json();
    assert_eq!(shown["settings"]["chat.max_tokens"]["value"], "77");
    assert_eq!(shown["settings"]["chat.max_tokens"]["source"], "config file, line 3");
    assert_eq!(shown["problems"].as_array().unwrap().len(), 2);
}

#[test]
fn the_settings_in_force_name_their_source_and_mask_the_key() {
    let home = Home::new().with("OPENROUTER_API_KEY", MARKED).with("LLM_FAST_MODEL", "a/fast");
    let run = home.run(&["config", "show", "--theme", "dark"]).exits(0);
    assert!(!run.stdout.contains("0123456789"), "{}", run.stdout);
    let line = |name: &str| {
        let line = run.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("upstream.key"), ["upstream.key", "sk-or-v1-mar…def", "OPENROUTER_API_KEY"]);
    assert_eq!(line("modes.fast"), ["modes.fast", "a/fast", "LLM_FAST_MODEL"]);
    assert_eq!(line("screen.theme"), ["screen.theme", "dark", "--theme"]);
    assert_eq!(line("chat.max_tokens"), ["chat.max_tokens", "4096", "default"]);
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_the_remedy() {
    let home = Home::new();
    home.write_config("");
    let path = home.path().join(".config/routedeck/key");
    fs::write(&path, MARKED).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let run = home.run(&["config", "check"]).exits(1);
    assert!(run.stdout.contains(&format!("Run: chmod 600 {}", path.display())), "{}", run.stdout);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    home.run(&["config", "check"]).exits(0);
    let shown = home.run(&["config", "show", "--json"]).exits(0).json();
    assert_eq!(shown["settings"]["upstream.key"]["source"], path.display().to_string());
    assert_eq!(shown["sandbox"], false);
}

#[test]
fn completions_and_the_manual_are_made_from_the_arguments() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell]).exits(0);
        assert!(run.stdout.contains("provider-order"), "{shell}");
    }
    let man = home.run(&["man"]).exits(0).stdout;
    assert!(man.contains(".TH routedeck 1"), "{man}");
    for words in ["ROUTEDECK ASK", "ROUTEDECK CHATS EXPORT", "provider\\-order", "Exit codes"] {
        assert!(man.contains(words), "{words}");
    }
}

#[test]
fn an_upstream_that_does_not_exist_is_wrong_usage() {
    let run = Home::new().run(&["models", "--upstream", "opnrouter"]).exits(2);
    assert!(run.stderr.contains("`openrouter` and `sandbox`"), "{}", run.stderr);
}
