//! The messages of a request: roles, contents and their parts.

use serde_json::Value;

use super::Members;
use super::fields::Fields;
use crate::sandbox::refusal::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

/// One message, boiled down to its text.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) text: String,
    /// Pictures, files and sounds in it.
    pub(crate) media: usize,
}

/// Reads `messages`, or `prompt` of the old text mode.
pub(super) fn read(map: &Members) -> Result<Vec<Message>, Refusal> {
    let fields = Fields::top(map);
    let missing = || Refusal::new(400, "Input required: specify \"prompt\" or \"messages\"");
    let Some(list) = fields.objects("messages")? else {
        let prompt = fields.text("prompt")?.ok_or_else(missing)?;
        return Ok(vec![Message { role: Role::User, text: prompt.to_owned(), media: 0 }]);
    };
    if list.is_empty() {
        return Err(missing());
    }
    list.iter().map(message).collect()
}

fn message(fields: &Fields<'_>) -> Result<Message, Refusal> {
    const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];
    fields.needs_text("role")?;
    let role = match fields.one_of("role", &ROLES)? {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool") => Role::Tool,
        _ => Role::System,
    };
    fields.text("name")?;
    let (text, media) = content(fields, role)?;
    let mut message = Message { role, text, media };
    match role {
        Role::Tool => {
            fields.needs_text("tool_call_id")?;
        }
        Role::Assistant => {
            for call in fields.objects("tool_calls")?.unwrap_or_default() {
                call.needs_text("id")?;
                let Some(function) = call.object("function")? else {
                    return Err(Refusal::field(&call.path("function"), "is required"));
                };
                let name = function.needs_text("name")?;
                let arguments = function.needs_text("arguments")?;
                message.text.push_str(name);
                message.text.push_str(arguments);
            }
            fields.text("reasoning")?;
            fields.objects("reasoning_details")?;
        }
        Role::System | Role::User => {}
    }
    Ok(message)
}

fn content(fields: &Fields<'_>, role: Role) -> Result<(String, usize), Refusal> {
    match fields.get("content") {
        Some(Value::String(text)) => Ok((text.clone(), 0)),
        None if role == Role::Assistant => Ok((String::new(), 0)),
        None => Err(Refusal::field(&fields.path("content"), "is required")),
        Some(Value::Array(_)) => parts(fields, role),
        Some(_) => {
            Err(Refusal::field(&fields.path("content"), "must be a text or a list of parts"))
        }
    }
}

fn parts(fields: &Fields<'_>, role: Role) -> Result<(String, usize), Refusal> {
    let (mut text, mut media) = (String::new(), 0);
    for part in fields.objects("content")?.unwrap_or_default() {
        let kind = part.needs_text("type")?;
        let payload = match kind {
            "text" => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(part.needs_text("text")?);
                continue;
            }
            "image_url" | "video_url" => Some("url"),
            "input_audio" | "input_video" => Some("data"),
            "file" => None,
            _ => {
                return Err(Refusal::field(
                    &part.path("type"),
                    "must be text, image_url, input_audio, video_url or file",
                ));
            }
        };
        if role != Role::User && role != Role::Tool && role != Role::Assistant {
            return Err(Refusal::field(&part.path("type"), "must be text in this role"));
        }
        let Some(object) = part.object(kind)? else {
            return Err(Refusal::field(&part.path(kind), "is required"));
        };
        if let Some(name) = payload {
            object.needs_text(name)?;
        }
        media += 1;
    }
    Ok((text, media))
}
