//! Words per second from text to quotes, on one core: `cargo bench --bench quotes`.
//!
//! The text is written for this program and repeated to 10 MB, once with paragraphs and once as a
//! single line, and to half of that, so that the figures show whether the time grows with the length.

use std::hint::black_box;
use std::time::Instant;

use onrecord::quote::{Document, extract};

const BYTES: usize = 10_000_000;
const RUNS: usize = 5;

const NEWS: &str = "\
The session in the old harbour hall began an hour late. Delegates from forty countries had come to \
Norrvik to finish a treaty on the rights of coastal towns, and for most of the morning they waited \
in the corridors while lawyers worked through a list of amendments that had grown longer with every \
meeting since the committee first met there three years ago.

“We will not sign this,” said Lena Ortiz, interim director of the Digital Rights Programme at the \
Harbour Foundation, who has followed the talks from the start. The draft, she said, names the courts \
and forgets the people. “Nobody asked the fishing towns, and it shows.”

The ministry sees it otherwise. Pavel Dorn, its chief negotiator, told reporters on Monday that the \
deadline stands and that most states had already agreed to the text. He called the objections “a \
habit rather than an argument,” adding that two clauses could still be changed if the islands asked.

According to a report published last week by the Institute for Coastal Law, the number of disputes \
over harbour fees has doubled within ten years. Ships wait longer, insurance costs more, and small \
ports lose the traffic that used to pay for their breakwaters. Several towns have gone to court, and \
three of them have won, but the rulings bind nobody beyond the shores they were made for.

In the evening the hall emptied slowly. A few delegates stayed to drink coffee from paper cups under \
the portraits of the founders, and somebody had left the annex, all ninety pages of it, on a chair by \
the door. The talks go on tomorrow.

";

fn measure(name: &str, text: &str) {
    let words = text.split_whitespace().count();
    let mut best = f64::MAX;
    let mut quotes = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let document = Document { key: "bench", text, ..Document::default() };
        quotes = black_box(extract(black_box(&document))).len();
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[allow(clippy::cast_precision_loss, clippy::print_stdout)]
    {
        let speed = words as f64 / best / 1e6;
        println!(
            "{name:24} {words:>9} words {quotes:>7} quotes {best:>7.3} s {speed:>6.2} M words/s"
        );
    }
}

fn main() {
    let text = NEWS.repeat(BYTES / NEWS.len());
    let line = text.replace('\n', " ");
    measure("paragraphs", &text);
    measure("paragraphs, half", &text[..text.len() / NEWS.len() / 2 * NEWS.len()]);
    measure("one line", &line);
}
