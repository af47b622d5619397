/** What lies beside it in the zip, for the person it is about. */
export const exportReadme = `ENGLISH

These files hold everything our form system has on record about you.

person.json     All of it, in a form that other programs can read.
leads.csv       What you sent us: one line for each form, with every field, the page you sent it from, and where you came
                from (advertisements, links), as far as it was recorded.
consents.csv    What you agreed to, refused or withdrew: when, how, and the wording you were shown.
deliveries.csv  Where your details were passed on to, when, on which legal ground, and under which number they are there.

The .csv files open in a spreadsheet. An apostrophe before a value keeps the spreadsheet from running it as a formula.
"ip_address" is not your address, but a code made from it with a secret key.
Times are in UTC. Copies that other systems hold (see deliveries.csv) are not in here; we can tell you about them.


DEUTSCH

Diese Dateien enthalten alles, was unser Formularsystem über Sie gespeichert hat.

person.json     Alles zusammen, so dass andere Programme es lesen können.
leads.csv       Was Sie uns geschickt haben: eine Zeile je Formular, mit allen Feldern, der Seite, von der es kam, und
                woher Sie kamen (Anzeigen, Verweise), soweit das aufgezeichnet wurde.
consents.csv    Worin Sie eingewilligt haben, was Sie abgelehnt oder widerrufen haben: wann, wie, und der Wortlaut, der
                Ihnen gezeigt wurde.
deliveries.csv  Wohin Ihre Angaben weitergegeben wurden, wann, auf welcher Rechtsgrundlage, und unter welcher Nummer
                sie dort geführt werden.

Die .csv-Dateien lassen sich mit einer Tabellenkalkulation öffnen. Ein Apostroph vor einem Wert verhindert, dass sie ihn
als Formel ausführt.
"ip_address" ist nicht Ihre Adresse, sondern ein Code, der mit einem geheimen Schlüssel daraus gebildet wurde.
Zeiten sind in UTC. Kopien in anderen Systemen (siehe deliveries.csv) sind hier nicht enthalten; wir geben Ihnen darüber
Auskunft.
`.replaceAll("\n", "\r\n");
