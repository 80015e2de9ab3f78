//! What is answered: every path, method and handler in one table.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response};
use axum::middleware;
use axum::routing::{any, get};

use super::bridge::{self, Handler};
use super::state::Shared;
use super::{api, assets, guard, pages};

/// The pages. A page for GET answers HEAD too. POST takes a form with the visitor's `form_token`.
const PAGES: &[(Method, &str, Handler)] = &[
    (Method::GET, "/", pages::search::page),
    (Method::GET, "/quotes/{id}", pages::quote::page),
    (Method::GET, "/speakers", pages::speaker::list),
    (Method::POST, "/speakers/merge", pages::speaker::merge),
    (Method::POST, "/speakers/undo", pages::speaker::undo),
    (Method::GET, "/speakers/{id}", pages::speaker::page),
    (Method::POST, "/speakers/{id}/split", pages::speaker::split),
    (Method::GET, "/articles/{id}", pages::article::page),
    (Method::GET, "/wordings", pages::wordings::list),
    (Method::GET, "/collections", pages::collections::list),
    (Method::POST, "/collections", pages::collections::make),
    (Method::POST, "/collections/pick", pages::collections::pick),
    (Method::GET, "/collections/{id}", pages::collections::page),
    (Method::POST, "/collections/{id}", pages::collections::change),
    (Method::GET, "/feeds", pages::feeds::page),
];

/// Every route under its guard.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let operations = api::operations().into_iter().map(|it| (it.method, it.path, it.handler));
    let mut by_path: BTreeMap<&str, Vec<(Method, Handler)>> = BTreeMap::new();
    for (method, path, handler) in PAGES.iter().cloned().chain(operations) {
        by_path.entry(path).or_default().push((method, handler));
    }
    let mut router = Router::new().route("/assets/{name}", get(assets::answer));
    for (path, methods) in by_path {
        let methods: Arc<[(Method, Handler)]> = methods.into();
        router = router.route(
            path,
            any(move |State(shared): State<Arc<Shared>>, request: Request| {
                dispatch(shared, Arc::clone(&methods), request)
            }),
        );
    }
    router
        .fallback(bridge::not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::check))
        .with_state(shared)
}

/// Has the handler of the request's method answer it. HEAD is a GET whose body the server leaves out.
async fn dispatch(
    shared: Arc<Shared>,
    methods: Arc<[(Method, Handler)]>,
    request: Request,
) -> Response<Body> {
    let asked = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    match methods.iter().find(|(method, _)| method == asked) {
        Some((_, handler)) => bridge::answer(shared, *handler, request).await,
        None => bridge::wrong_method(&request, methods.iter().map(|(method, _)| method)),
    }
}
