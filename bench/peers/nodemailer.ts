/** The form that sends a mail (https://nodemailer.com): the visitor waits for the mail server, and hears of its trouble. */
import nodemailer from "nodemailer";
import { startSite, timeoutMs } from "./site.ts";

const transport = nodemailer.createTransport({
  url: process.env.SMTP_URL,
  pool: true,
  connectionTimeout: timeoutMs,
  greetingTimeout: timeoutMs,
  socketTimeout: timeoutMs,
});

startSite(async (submission) => {
  await transport.sendMail({
    from: "forms@example.com",
    to: "team@example.com",
    subject: `New lead ${submission.submission_id ?? ""}`,
    text: JSON.stringify(submission, null, 2),
  });
});
