import { expect, test } from "vitest";
import { weaknessOf } from "./weak-password.ts";

const about = ["Ada Lovelace", "ada.lovelace@example.com"];

test.each([
  "password1234",
  "P4ssw0rd!2024",
  "passwordpassword",
  "123456789012",
  "aaaaaaaaaaaa",
  "abababababab",
  "abcdefghijkl",
  "Leadkeep-2024",
  "adminadmin123",
  "Welcome12345!",
  "qwertzqwertz1",
  "Summer2024!!!",
  "AdaLovelace1!",
  "ada.example.1",
])("%s is tried first", (password) => {
  expect(weaknessOf(password, about)).not.toBeNull();
});

test.each([
  "a long enough password",
  "correct horse battery staple",
  "tr0ub4dor&3xyz",
  "ein langer Satz mit Wörtern",
  "пароль из многих слов",
  "f7Kq2mXw9LzR",
  "ada walks by the river",
])("%s is taken", (password) => {
  expect(weaknessOf(password, about)).toBeNull();
});
