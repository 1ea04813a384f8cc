// node --require ./loopback.cjs …: whatever listens on all addresses listens on 127.0.0.1 instead.
const { Server } = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (first, ...rest) {
  if (first && typeof first === "object" && "port" in first && !first.host) first = { ...first, host: "127.0.0.1" };
  else if (first === undefined || typeof first === "function") return listen.call(this, 0, "127.0.0.1", ...(first ? [first] : []), ...rest);
  else if (/^\d+$/.test(String(first)) && typeof rest[0] !== "string") rest.unshift("127.0.0.1");
  return listen.call(this, first, ...rest);
};
// Our own address, as tests call it, is here too.
const dns = require("node:dns");
const lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(name === process.env.OUR_NAME ? "127.0.0.1" : name, ...rest);
