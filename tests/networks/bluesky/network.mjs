// A whole Bluesky on loopback: directory, home server, what shows posts, and its own stream, one JSON line per event.
// node --require loopback.cjs network.mjs, with DB_POSTGRES_URL and REDIS_HOST; ports by PLC_PORT PDS_PORT BSKY_PORT.
import { TestBsky, TestBsync, TestPds, TestPlc, mockNetworkUtilities } from "@atproto/dev-env";
import { Firehose } from "@atproto/sync";
import { IdResolver } from "@atproto/identity";

const port = (name) => Number(process.env[name]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const dbUrl = process.env.DB_POSTGRES_URL;

const plc = await TestPlc.create({ port: port("PLC_PORT") });
const bsync = await TestBsync.create({ apiKeys: ["key"], dbUrl, dbSchema: "bsync" });
const bsky = await TestBsky.create({
  port: port("BSKY_PORT"), plcUrl: plc.url, pdsPort: port("PDS_PORT"),
  bsyncApiKey: "key", bsyncUrl: bsync.url, repoProvider: `ws://localhost:${port("PDS_PORT")}`,
  dbPostgresSchema: "bsky", dbPostgresUrl: dbUrl, redisHost: process.env.REDIS_HOST,
  publicUrl: `http://localhost:${port("BSKY_PORT")}`,
});
bsync.ctx.dataplaneClients = [bsky.ctx.dataplane];
const pds = await TestPds.create({
  port: port("PDS_PORT"), hostname: "localhost", didPlcUrl: plc.url, enableDidDocWithSession: true,
  bskyAppViewUrl: bsky.url, bskyAppViewDid: bsky.ctx.cfg.serverDid,
});
mockNetworkUtilities(pds, bsky);

const firehose = new Firehose({
  idResolver: new IdResolver({ plcUrl: plc.url }),
  service: `ws://localhost:${port("PDS_PORT")}`,
  unauthenticatedCommits: true,
  filterCollections: ["app.bsky.feed.post"],
  handleEvent: (event) => {
    if (!["create", "update", "delete"].includes(event.event)) return;
    const { did, collection, rkey } = event;
    say({ did, collection, rkey, operation: event.event, cid: event.cid?.toString(), record: event.record });
  },
  onError: (error) => process.stderr.write(`${error}\n`),
});
firehose.start();

say({ ready: true, plc: plc.url, pds: pds.url, view: bsky.url });
const stop = async () => {
  await firehose.destroy().catch(() => {});
  for (const server of [bsky, bsync, pds, plc]) await server.close().catch(() => {});
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
