export default function Page() {
  return (
    <main>
      <h1>Contact</h1>
      <form method="post" action="/api/leadkeep/f/contact" data-leadkeep>
        <label>
          Name <input name="name" autoComplete="name" />
        </label>
        <label>
          E-mail <input name="email" type="email" autoComplete="email" required />
        </label>
        <label>
          Message <textarea name="message" />
        </label>
        <label>
          <input type="checkbox" name="consent" /> You may pass my enquiry on to those who answer it.
        </label>
        <button type="submit">Send</button>
      </form>
      <script src="/api/leadkeep/leadkeep.js" async />
    </main>
  );
}
