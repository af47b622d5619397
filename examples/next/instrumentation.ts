export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { getGateway } = await import("leadkeep/next");
  await getGateway();
}
