import { leadkeep } from "leadkeep/next";

export const { GET, POST, OPTIONS } = leadkeep();
