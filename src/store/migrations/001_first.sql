-- Times are milliseconds since 1970 UTC. Money is an exact decimal as TEXT, added up in Rust.
-- Numbered files are never edited once released: a change is a new file.

PRAGMA application_id = 0x52444b31;

-- AUTOINCREMENT: the ledger outlives chats, so an id must never come back with another meaning.
CREATE TABLE chat (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  uid      TEXT NOT NULL UNIQUE,
  title    TEXT NOT NULL,
  created  INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  deleted  INTEGER,
  upstream TEXT NOT NULL,
  model    TEXT,
  params   TEXT NOT NULL CHECK (json_valid(params))
) STRICT;
CREATE INDEX chat_updated ON chat (updated DESC, id DESC);

CREATE TABLE message (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  uid       TEXT NOT NULL UNIQUE,
  chat      INTEGER NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
  parent    INTEGER REFERENCES message (id) ON DELETE CASCADE,
  role      TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  state     TEXT NOT NULL CHECK (state IN ('streaming', 'done', 'stopped', 'failed', 'interrupted')),
  -- The running program that writes a streaming answer; nobody owns anything else.
  owner     TEXT,
  created   INTEGER NOT NULL,
  model     TEXT,
  receipt   TEXT CHECK (receipt IS NULL OR json_valid(receipt)),
  reasoning TEXT NOT NULL DEFAULT '',
  text      TEXT NOT NULL DEFAULT '',
  CHECK ((state = 'streaming') = (owner IS NOT NULL))
) STRICT;
CREATE INDEX message_chat ON message (chat, id);
CREATE INDEX message_parent ON message (parent);
CREATE INDEX message_streaming ON message (owner) WHERE state = 'streaming';

-- Pieces of an answer that streams: appended as they come, folded into the message once.
CREATE TABLE chunk (
  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  seq     INTEGER NOT NULL,
  kind    INTEGER NOT NULL CHECK (kind IN (0, 1)),
  body    TEXT NOT NULL,
  PRIMARY KEY (message, seq)
) STRICT, WITHOUT ROWID;

-- Indexes only, no second copy of the text: rowid is the message or the chat.
CREATE VIRTUAL TABLE message_words USING fts5 (
  body, content = '', contentless_delete = 1, prefix = '1 2 3',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE title_words USING fts5 (
  body, content = '', contentless_delete = 1, prefix = '1 2 3',
  tokenize = "unicode61 remove_diacritics 2"
);

-- One row for each attempt. No foreign keys: what was spent stays when a chat goes.
CREATE TABLE ledger (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  at                  INTEGER NOT NULL,
  simulated           INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  upstream            TEXT NOT NULL,
  key_fingerprint     TEXT NOT NULL,
  model_asked         TEXT NOT NULL,
  model_served        TEXT,
  provider            TEXT,
  outcome             TEXT NOT NULL CHECK (outcome IN ('served', 'absorbed', 'failed', 'stopped')),
  status              INTEGER,
  chat                INTEGER,
  message             INTEGER,
  cost                TEXT,
  cost_source         TEXT NOT NULL CHECK (cost_source IN ('billed', 'computed', 'unknown')),
  computed            TEXT,
  -- The counts are all there or all absent.
  prompt_tokens       INTEGER,
  completion_tokens   INTEGER,
  total_tokens        INTEGER,
  cached_tokens       INTEGER,
  cache_write_tokens  INTEGER,
  reasoning_tokens    INTEGER,
  audio_tokens        INTEGER,
  image_output_tokens INTEGER,
  web_searches        INTEGER,
  billed              TEXT,
  is_byok             INTEGER CHECK (is_byok IN (0, 1)),
  upstream_cost       TEXT,
  ttft_ms             INTEGER,
  duration_ms         INTEGER NOT NULL,
  generation_id       TEXT,
  CHECK ((cost IS NULL) = (cost_source = 'unknown'))
) STRICT;
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_chat ON ledger (chat) WHERE chat IS NOT NULL;
CREATE INDEX ledger_generation ON ledger (generation_id) WHERE generation_id IS NOT NULL;

CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE favourite (
  upstream TEXT NOT NULL,
  model    TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  PRIMARY KEY (upstream, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE recent (
  upstream TEXT NOT NULL,
  model    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (upstream, model)
) STRICT, WITHOUT ROWID;

-- Unsent text; chat 0 stands for the chat that does not exist yet.
CREATE TABLE draft (
  chat INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- The last list of models of each upstream, as it came.
CREATE TABLE catalog (
  upstream TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT;
