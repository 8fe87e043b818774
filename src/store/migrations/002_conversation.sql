-- Chats as trees that are edited: the open path, deleted branches, attachments, tags.

-- The last message of the path that is open. NULL: the path to the newest message.
ALTER TABLE chat ADD COLUMN head INTEGER;
ALTER TABLE chat ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
-- Who wrote the title: 0 the first message, 1 a person, 2 a model.
ALTER TABLE chat ADD COLUMN titled_by INTEGER NOT NULL DEFAULT 0 CHECK (titled_by IN (0, 1, 2));

-- A deleted message takes everything behind it along; it comes back when this is NULL again.
ALTER TABLE message ADD COLUMN deleted INTEGER;
-- What an answer was asked with: params as JSON, NULL for the person's messages and older answers.
ALTER TABLE message ADD COLUMN params TEXT CHECK (params IS NULL OR json_valid(params));
-- What came with an answer besides text: citations, tool calls, as JSON.
ALTER TABLE message ADD COLUMN extras TEXT CHECK (extras IS NULL OR json_valid(extras));

CREATE TABLE tag (
  chat INTEGER NOT NULL REFERENCES chat (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (chat, name)
) STRICT, WITHOUT ROWID;

-- Bytes are kept once, however many messages carry them.
CREATE TABLE blob (
  id     INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE attachment (
  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  seq     INTEGER NOT NULL,
  name    TEXT NOT NULL,
  media   TEXT NOT NULL,
  blob    INTEGER NOT NULL REFERENCES blob (id),
  PRIMARY KEY (message, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_blob ON attachment (blob);
