//! The relay over HTTP: the WebSocket, and whether it is well.

use crate::connection;
use crate::relay::{Relay, Shared};
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use pluresdb::sync::MAX_FRAME_BYTES;
use serde_json::json;
use std::sync::Arc;

/// Where clients open their WebSocket.
pub const SYNC_PATH: &str = "/v1/sync";

/// Where a supervisor asks whether the relay is well.
pub const HEALTH_PATH: &str = "/healthz";

/// Taken for each connection at once, so it is small: most connections are idle.
const READ_BUFFER: usize = 8 * 1024;
const WRITE_BUFFER: usize = 8 * 1024;

impl Relay {
    /// The routes of the relay, to be served alone or merged with others.
    pub fn router(&self) -> Router {
        Router::new()
            .route(SYNC_PATH, get(sync))
            .route(HEALTH_PATH, get(health))
            .with_state(Arc::clone(&self.shared))
    }
}

async fn sync(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !shared.origins.admits(&headers) {
        tracing::warn!("a web page of a foreign origin was refused");
        let why = "this origin may not connect; the relay's operator can allow it\n";
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let Some(seat) = shared.seat() else {
        let why = "the relay is full or going down; try again later\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    upgrade
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * MAX_FRAME_BYTES)
        .on_upgrade(|socket| async move {
            connection::run(socket, shared).await;
            drop(seat);
        })
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let connections = shared.connections();
    let store = Arc::clone(&shared.store);
    let spaces = tokio::task::spawn_blocking(move || store.spaces()).await;
    let (code, status, spaces) = match spaces {
        Ok(Ok(spaces)) => (StatusCode::OK, "ok", Some(spaces)),
        // Why is in the log; it is nobody else's business.
        Ok(Err(error)) => {
            tracing::error!(%error, "the store could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, "store_failed", None)
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "store_failed", None),
    };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "spaces": spaces,
        "connections": connections,
    });
    (code, Json(body)).into_response()
}
