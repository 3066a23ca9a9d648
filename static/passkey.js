// Asks the browser for a passkey and puts the answer into its form. Decides nothing, and sends
// only a passkey that has just been made. Without it, a code does the same.
const can = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

async function made({ dataset }) {
  const asked = JSON.parse(dataset.create);
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
}

async function used({ dataset }, form) {
  const token = form.elements.csrf_token.value;
  const answer = await fetch(dataset.ask, { method: "POST", body: new URLSearchParams({ csrf_token: token }) });
  const asked = await answer.json();
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

class PasskeyButton extends HTMLElement {
  connectedCallback() {
    this.querySelector(".hint").hidden = can;
    this.button.hidden = !can;
    this.button.addEventListener("click", () => this.ask());
    if (this.answer.value) this.say(this.dataset.done); // given with a form that came back
  }

  get button() { return this.querySelector("button"); }
  get answer() { return this.querySelector("input"); }
  say(words) { this.querySelector("[role=status]").textContent = words; }

  async ask() {
    const form = this.closest("form");
    this.button.disabled = true;
    this.say("");
    try {
      const passkey = await (this.dataset.create ? made(this) : used(this, form));
      this.answer.value = JSON.stringify(passkey);
      this.say(this.dataset.done);
      if (this.dataset.create) form.requestSubmit();
    } catch ({ name }) {
      this.answer.value = "";
      this.say(this.dataset[name[0].toLowerCase() + name.slice(1)] ?? this.dataset.unknownError);
    } finally {
      this.button.disabled = false;
    }
  }
}

customElements.define("passkey-button", PasskeyButton);
