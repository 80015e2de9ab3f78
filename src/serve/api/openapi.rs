//! The API's description, OpenAPI 3.1, made of the table of operations and the schemas of its values.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::super::asked::Asked;
use super::super::failure::{Failure, Problem};
use super::super::reply::Reply;
use super::super::state::Reading;
use super::{Gives, Operation, of, operations};

/// The description, as it is sent.
static DOCUMENT: LazyLock<Value> = LazyLock::new(build);

/// The description.
///
/// # Errors
/// [`Failure`] if there are parameters.
pub fn document(_: &mut Reading, asked: &Asked) -> Result<Reply, Failure> {
    asked.exact_parameters().finish()?;
    Reply::json(&*DOCUMENT)
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|it| {
        it.definitions_path = "/components/schemas".into();
        it.meta_schema = None;
    })
}

fn build() -> Value {
    let mut given: SchemaGenerator = settings().for_serialize().into_generator();
    // Bodies are taken, answers given: a field with a default is needed in one only.
    let mut taken =
        settings().with(|it| it.inline_subschemas = true).for_deserialize().into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let described = describe(&operation, &mut given, &mut taken);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_lowercase()] = described;
    }
    let problem = of::<Problem>(&mut given);
    let schemas = given.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "onrecord",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Who said what, on the record: the quotes of a collection, with speakers, \
                articles and their history. Everybody at this machine may read; a change, and reading \
                from another machine, takes the token that `quotes serve` prints.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": {
                "description": "It was not done, and why",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn describe(
    operation: &Operation,
    given: &mut SchemaGenerator,
    taken: &mut SchemaGenerator,
) -> Value {
    let answer = |status: &str, schema: Schema| {
        json!({status: {
            "description": "It was done",
            "content": {"application/json": {"schema": schema}},
        }})
    };
    let mut responses = match &operation.gives {
        Gives::Json(schema) => answer("200", schema(given)),
        Gives::Made(schema) => answer("201", schema(given)),
        Gives::Nothing => json!({"204": {"description": "It was done"}}),
        Gives::File(media_types) => {
            let content: Map<String, Value> =
                media_types.iter().map(|it| ((*it).to_owned(), json!({}))).collect();
            json!({"200": {"description": "The file", "content": content}})
        }
    };
    responses["default"] = json!({"$ref": "#/components/responses/Problem"});
    let mut described = json!({
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": parameters(operation),
        "responses": responses,
    });
    if let Some(body) = operation.body {
        let content = json!({"application/json": {"schema": body(taken)}});
        described["requestBody"] = json!({"required": true, "content": content});
    }
    if !operation.method.is_safe() {
        described["security"] = json!([{"token": []}]);
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let parts = operation.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let schema = match name {
            "collection" => json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}),
            _ => json!({"type": "string", "pattern": "^[0-9a-f]{1,64}$"}),
        };
        Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
    });
    let filters = operation.filters.iter().copied().flatten().map(|it| {
        json!({"name": it.name, "in": "query", "description": it.about, "schema": (it.schema)()})
    });
    let others = operation.parameters.iter().map(|it| {
        json!({
            "name": it.name,
            "in": "query",
            "description": it.about,
            "required": it.required,
            "schema": (it.schema)(),
        })
    });
    parts.chain(filters).chain(others).collect()
}
