import express from "express";
import { getGateway, leadkeep } from "leadkeep/express";

const app = express();
app.use("/api/leadkeep", leadkeep());
app.use(express.static("public"));

// Opened now, and not with the first request: what waits from before a restart goes on at once.
await getGateway();
app.listen(Number(process.env.PORT ?? 3000));
