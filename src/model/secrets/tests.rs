use super::*;

fn shown(name: &str, value: &str) -> String {
    masked(name, value).unwrap_or_else(|| value.to_owned())
}

#[test]
fn what_is_called_a_secret_is_hidden_whole() {
    for name in [
        "GITHUB_TOKEN",
        "TOKEN",
        "token",
        "NPM_CONFIG_//registry.npmjs.org/:_authToken",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "API_KEY",
        "API_KEY_2",
        "TOKEN1",
        "apiKey",
        "STRIPE_KEY",
        "DJANGO_SECRET",
        "PGPASSWORD",
        "MYSQL_PWD",
        "DB_PASS",
        "DBPASS",
        "passwd",
        "SMTP_PASSWD",
        "REDIS_AUTH",
        "SESSION_COOKIE",
        "WIFI_PSK",
        "SSH_PASSPHRASE",
        "SENTRY_DSN",
        "spring.datasource.password",
        "--password",
    ] {
        assert_eq!(shown(name, "hunter2"), MASK, "{name}");
    }
}

#[test]
fn ordinary_names_hide_nothing() {
    for name in [
        "PATH",
        "PWD",
        "OLDPWD",
        "HOME",
        "KEYBOARD",
        "MONKEY",
        "TOKENIZERS_PARALLELISM",
        "SSH_AUTH_SOCK",
        "XAUTHORITY",
        "BYPASS",
        "COMPASS",
        "DBUS_SESSION_BUS_ADDRESS",
        "LANG",
        "",
    ] {
        assert_eq!(masked(name, "hunter2"), None, "{name}");
    }
    assert_eq!(masked("POSTGRES_PASSWORD_FILE", "/run/secrets/db"), None);
    assert_eq!(shown("POSTGRES_PASSWORD_FILE", "hunter2"), MASK);
    assert_eq!(masked("API_KEY", ""), None);
}

#[test]
fn a_password_in_an_address_is_hidden_and_the_rest_stays() {
    for (value, expected) in [
        ("postgres://u:p@h/db", "postgres://u:***@h/db"),
        (
            "postgres://u:p@ss@h:5432/db?sslmode=require",
            "postgres://u:***@h:5432/db?sslmode=require",
        ),
        ("redis://:p@h:6379/0", "redis://:***@h:6379/0"),
        ("amqp://u:a/b@h", "amqp://u:***@h"),
        ("postgres://u:12/3@h/db", "postgres://u:***@h/db"),
        (
            "https://abcdef@github.com/x.git",
            "https://***@github.com/x.git",
        ),
        (
            "mongodb://u:p@a,b/db mongodb://v:q@c",
            "mongodb://u:***@a,b/db mongodb://v:***@c",
        ),
        (
            "x=jdbc:postgresql://h/db?user=u&password=p&ssl=1",
            "x=jdbc:postgresql://h/db?user=u&password=***&ssl=1",
        ),
        (
            "HTTP://u:p@proxy:3128,https://v:q@r",
            "HTTP://u:***@proxy:3128,https://v:***@r",
        ),
    ] {
        assert_eq!(shown("DATABASE_URL", value), expected);
    }
    for plain in [
        "ssh://git@github.com/x",
        "http://localhost:3000/a@b",
        "https://example.org/?mail=a@b.c",
        "unix:///run/x.sock",
        "://",
    ] {
        assert_eq!(masked("URL", plain), None, "{plain}");
    }
}

#[test]
fn settings_and_members_with_a_secret_name_are_hidden() {
    for (value, expected) in [
        ("host=h password=p user=u", "host=h password=*** user=u"),
        (
            "host=h password='a b c' user=u",
            "host=h password=*** user=u",
        ),
        ("Server=h;Password=p;User=u", "Server=h;Password=***;User=u"),
        (
            "-Dx=1 -Ddb.password=p -Xmx1g",
            "-Dx=1 -Ddb.password=*** -Xmx1g",
        ),
        ("psql --password p --host h", "psql --password *** --host h"),
        ("{\"db\":{\"password\": \"p\"}}", MASK),
        ("{'api_key':'p'}", MASK),
        ("-----BEGIN RSA PRIVATE KEY-----\\x0aMII", MASK),
    ] {
        assert_eq!(shown("OPTIONS", value), expected);
    }
    for plain in [
        "{\"keyboard\": \"de\"}",
        "a=b c=d",
        "token bucket",
        "--key-file x",
    ] {
        assert_eq!(masked("OPTIONS", plain), None, "{plain}");
    }
}

#[test]
fn tokens_are_known_by_their_beginning() {
    let github = format!("ghp_{}", "a".repeat(36));
    let web = format!(
        "eyJ{}.eyJ{}.{}",
        "a".repeat(20),
        "b".repeat(20),
        "c".repeat(20)
    );
    for token in [github.as_str(), &web, "AKIAIOSFODNN7EXAMPLE"] {
        assert_eq!(shown("X", token), MASK, "{token}");
        let header = format!("Authorization: Bearer {token}");
        assert!(!shown("X", &header).contains(token));
    }
    assert_eq!(
        shown("X", "curl -H Basic dXNlcjpwYXNz"),
        "curl -H Basic ***"
    );
    assert_eq!(masked("X", "sk-learn"), None);
    assert_eq!(masked("X", "basic example"), None);
}

#[test]
fn arguments_lose_their_secrets_and_keep_their_number() {
    let arguments = |line: &str| line.split(' ').map(Text::from).collect::<Vec<_>>();
    let shown = |line: &str| {
        let shown = masked_arguments(&arguments(line));
        shown.iter().map(Text::as_str).collect::<Vec<_>>().join(" ")
    };
    for (line, expected) in [
        (
            "app --password hunter2 --port 80",
            "app --password *** --port 80",
        ),
        ("app --password=hunter2", "app --password=***"),
        ("app --token --verbose", "app --token --verbose"),
        (
            "curl -u alice:hunter2 https://h",
            "curl -u alice:*** https://h",
        ),
        ("app postgres://u:p@h", "app postgres://u:***@h"),
        ("nginx -g daemon", "nginx -g daemon"),
    ] {
        assert_eq!(shown(line), expected);
    }
}

/// Nothing that is thrown at it makes it fail, and what has a secret name never comes out again.
#[test]
fn whatever_an_environment_holds_is_masked_without_harm() {
    let pieces = [
        "://",
        "@",
        ":",
        "=",
        "password",
        "token",
        "\"",
        "'",
        "{",
        "}",
        "&",
        ";",
        " ",
        "ghp_",
        "é",
        "日",
        "hunter2",
        "--",
        "Bearer ",
        "-----",
        "PRIVATE KEY-----",
        "\u{2026}",
        "%40",
        "/",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = usize::try_from(state % pieces.len() as u64).unwrap();
            text.push_str(pieces[at]);
        }
        let once = masked("OPTIONS", &text).unwrap_or_else(|| text.clone());
        assert!(
            once.len() <= text.len() + MASK.len() * 8,
            "{text:?} {once:?}"
        );
        assert_eq!(masked("PASSWORD", &text).as_deref(), Some(MASK));
        let named = format!("host=h password={} user=u", "hunter2");
        assert!(!masked("X", &named).unwrap().contains("hunter2"));
    }
}
