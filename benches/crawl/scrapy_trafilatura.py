"""Scrapy and trafilatura over the feeds that the command line names: feeds -> text of every page.

For `cargo bench --bench crawl -- scrapy`, which measures this process.
"""

import sys

import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess


class Stories(scrapy.Spider):
    name = "stories"
    start_urls = sys.argv[1:]
    custom_settings = {
        "CONCURRENT_REQUESTS": 32,
        # Every host is another port of one address, which Scrapy takes for one domain.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    texts = 0

    def parse(self, response):
        for link in response.xpath("//item/link/text()").getall():
            yield response.follow(link, self.parse_story)

    def parse_story(self, response):
        if trafilatura.extract(response.text, url=response.url):
            Stories.texts += 1


crawler = CrawlerProcess()
crawler.crawl(Stories)
crawler.start()
print(f"{Stories.texts} texts", file=sys.stderr)
