//! A headless Chromium by ChromeDriver's WebDriver (W3C): JSON over HTTP, and the DevTools commands that
//! WebDriver has none for.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Asks nobody but the page: no updates, no start page, no component.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
/// What an element's reference is called (WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one tab; ended when dropped.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
    /// The session's address at the driver.
    session: String,
}

impl Browser {
    /// A browser by the ChromeDriver that `ONRECORD_CHROMEDRIVER` names; `None` where it names none.
    pub fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("ONRECORD_CHROMEDRIVER") else {
            eprintln!("skipped: ONRECORD_CHROMEDRIVER names no chromedriver to look at pages with");
            return None;
        };
        // A port that was free a moment ago; the driver doesn't tell which one it took of its own.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new(program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut browser = Self { runtime, client, driver, session: String::new() };
        let at = SocketAddr::from(([127, 0, 0, 1], port));
        browser.until("the driver listens", |_| std::net::TcpStream::connect(at).is_ok());
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": ARGUMENTS},
        }}});
        let made = browser.call(Method::POST, &format!("http://{at}/session"), &capabilities);
        browser.session = format!("http://{at}/session/{}", made["sessionId"].as_str().unwrap());
        browser.show(1440, 1000, false);
        Some(browser)
    }

    #[track_caller]
    fn call(&self, method: Method, url: &str, body: &Value) -> Value {
        let answer: Result<Value, reqwest::Error> = self.runtime.block_on(async {
            let request = self.client.request(method.clone(), url);
            let request = request.header("Content-Type", "application/json");
            // A GET has no body; a POST has at least an empty object.
            let request = if body.is_null() { request } else { request.body(body.to_string()) };
            let bytes = request.send().await?.bytes().await?;
            Ok(serde_json::from_slice(&bytes).unwrap())
        });
        let mut answer = answer.unwrap();
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{method} {url}: {value:#}");
        value
    }

    #[track_caller]
    fn post(&self, what: &str, body: &Value) -> Value {
        self.call(Method::POST, &format!("{}/{what}", self.session), body)
    }

    /// Makes the window so wide and high, and the theme dark or light.
    pub fn show(&self, width: u32, height: u32, dark: bool) {
        let theme = if dark { "dark" } else { "light" };
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
        let features = json!([
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Has the browser run scripts or not.
    pub fn scripting(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": !on}));
    }

    /// Lets pages do what the user would be asked about.
    pub fn grant(&self, permissions: &Value) {
        self.devtools("Browser.grantPermissions", permissions);
    }

    #[track_caller]
    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Opens an address and waits until it is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    /// The address that it is at.
    pub fn url(&self) -> String {
        let url = self.call(Method::GET, &format!("{}/url", self.session), &Value::Null);
        url.as_str().unwrap().to_owned()
    }

    /// What `script` returns in the page; `arguments[0]` is `argument`.
    #[track_caller]
    pub fn run(&self, script: &str, argument: &Value) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": [argument]}))
    }

    /// What `script` gives to `arguments[1]` in its own time.
    #[track_caller]
    pub fn run_async(&self, script: &str, argument: &Value) -> Value {
        self.post("execute/async", &json!({"script": script, "args": [argument]}))
    }

    /// The address of the first element that fits `css`.
    #[track_caller]
    fn element(&self, css: &str) -> String {
        let found = self.post("element", &json!({"using": "css selector", "value": css}));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Clicks the first element that fits `css`, as a user does: it has to be seen and not covered.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let element = self.element(css);
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    /// Types `text` into the first element that fits `css`.
    #[track_caller]
    pub fn write(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.post(&format!("element/{element}/clear"), &json!({}));
        self.post(&format!("element/{element}/value"), &json!({"text": text}));
    }

    /// Types keys at what has the focus.
    pub fn press(&self, keys: &[&str]) {
        let actions: Vec<Value> = keys
            .iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|way| json!({"type": way, "value": key})))
            .collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("actions", &json!({"actions": [keyboard]}));
    }

    /// Drags over the first element that fits `css`, from one part of its width to another (0 to 1).
    pub fn drag(&self, css: &str, from: f64, to: f64) {
        let place = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
             return [box.left, box.top, box.width, box.height]";
        let place = self.run(place, &json!(css));
        let [left, top, width, height] = [0, 1, 2, 3].map(|at| place[at].as_f64().unwrap());
        let at = |part: f64| (left + width * part).round();
        let y = (top + height / 2.0).round();
        let actions = json!([
            {"type": "pointerMove", "duration": 0, "x": at(from), "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "duration": 50, "x": at(to), "y": y},
            {"type": "pointerUp", "button": 0},
        ]);
        self.post(
            "actions",
            &json!({"actions": [{"type": "pointer", "id": "mouse", "actions": actions}]}),
        );
    }

    /// The text of the first element that fits `css`, as it is seen; empty if there is none.
    pub fn text(&self, css: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        self.run(script, &json!(css)).as_str().unwrap().to_owned()
    }

    /// How many elements fit `css`.
    pub fn count(&self, css: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.run(script, &json!(css)).as_u64().unwrap()
    }

    /// Waits until `holds`, for a while.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is in the window, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let picture = self.devtools("Page.captureScreenshot", &json!({"format": "png"}));
        BASE64.decode(picture["data"].as_str().unwrap().as_bytes()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // A test that failed may have left a dialog open: then the driver's end ends the browser.
            let _ = self.runtime.block_on(async { self.client.delete(&self.session).send().await });
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
