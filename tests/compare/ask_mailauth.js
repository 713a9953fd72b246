// Reads {"port", "inputs": [{"ip", "helo", "mail_from", "raw"}]} and writes what mailauth says of each, in its strict
// mode: {"verdict", "words"}, where the words are the comments and properties of its results.
'use strict';

const { Resolver } = require('node:dns').promises;
const { createRequire } = require('node:module');
const { join } = require('node:path');
// What is installed is below the current directory, not beside this file.
const { authenticate } = createRequire(join(process.cwd(), 'here.js'))('mailauth');

const told = (method, result) => {
    const { result: word, comment, ...properties } = result.status || {};
    const more = [comment, result.info, ...(result.warnings || [])].filter(Boolean).join('; ');
    return `${method}=${word} ${more} ${JSON.stringify(properties)}`;
};

const answer = async (resolver, input) => {
    const found = await authenticate(Buffer.from(input.raw), {
        ip: input.ip,
        helo: input.helo,
        sender: input.mail_from,
        mta: 'mx.receiver.example',
        strict: true,
        disableBimi: true,
        resolver
    });
    const dkim = found.dkim.results || [];
    const words = [told('spf', found.spf), ...dkim.map(one => told('dkim', one))];
    words.push(found.dmarc ? told('dmarc', found.dmarc) : `dmarc: ${JSON.stringify(found.dmarcSkipReason || null)}`);
    const dmarc = found.dmarc ? found.dmarc.status.result : 'skipped';
    const signed = dkim.length ? dkim[0].status.result : 'none';
    const verdict = `spf=${found.spf.status.result} dkim=${signed} dmarc=${dmarc}`;
    return { verdict, words };
};

const main = async () => {
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    const { port, inputs } = JSON.parse(Buffer.concat(chunks).toString());
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${port}`]);
    const answers = [];
    const resolve = (name, type) => resolver.resolve(name, type);
    for (const input of inputs) answers.push(await answer(resolve, input));
    console.log(JSON.stringify(answers));
};

main();
