"""What people get after a run: text, a document, JUnit XML, or one HTML file, all from its journal.

| module | what it does |
| --- | --- |
| `document` | the report document: the run, every task, every attempt; the other forms are made from it |
| `attempts` | the attempts in that document |
| `lanes` | the hosts of chains in it |
| `text` | for a terminal or a mail |
| `junit` | for CI systems |
| `html_page` | the values of the HTML page: page.html, page.css, page.js |
| `route_drawing` | the plan of the run as a drawing, with the way that was taken |
| `timeline` | the rows of the time line |
"""
