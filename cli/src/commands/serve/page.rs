//! What is at `/`: a folder of static files, or a short text that says what runs here.

use crate::failure::{Failure, Outcome};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use pluresdb_relay::{HEALTH_PATH, SYNC_PATH};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tower_http::services::ServeDir;

/// Scripts and styles from here only, compiled WebAssembly allowed, any relay may be reached.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
     connect-src 'self' ws: wss:; style-src 'self'; img-src 'self' data:";

/// The page.
#[derive(Debug)]
pub(super) struct Page(Option<PathBuf>);

impl Page {
    pub(super) fn new(folder: Option<PathBuf>) -> Outcome<Self> {
        match &folder {
            Some(folder) if !folder.is_dir() => Err(Failure::Other {
                code: "no-page",
                message: format!("there is no folder {}", folder.display()),
                hint: Some("--page takes a folder with an index.html".into()),
            }),
            _ => Ok(Self(folder)),
        }
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    pub(super) fn router(&self, address: SocketAddr) -> Router {
        let router = match &self.0 {
            Some(folder) => Router::new().fallback_service(ServeDir::new(folder)),
            None => {
                let text = text(address);
                Router::new().route("/", get(move || std::future::ready(text)))
            }
        };
        router.layer(map_response(with_headers))
    }
}

/// Files may change while the server runs, so a browser asks each time whether they have.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn text(address: SocketAddr) -> String {
    format!(
        "This is PluresDB {}, serving a relay.\n\n\
         Sync a database with it:  pluresdb sync FILE ws://{address}\n\
         Where devices connect:    {SYNC_PATH}\n\
         Whether it is well:       {HEALTH_PATH}\n\
         To serve a page here:     pluresdb serve --page FOLDER\n",
        env!("CARGO_PKG_VERSION")
    )
}
