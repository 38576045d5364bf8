// Asks the example tasks of a Sluice server over gRPC: node ask.js [HOST:PORT]
'use strict';

const path = require('path');
const {promisify} = require('util');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const PASSAGE =
  'The gate is locked at ten at night. Guests get a key at the desk for a deposit of five euros.';

const definition = protoLoader.loadSync('sluice/v1/inference.proto', {
  includeDirs: [
    path.join(__dirname, '../../../proto/src/main/proto'),
    path.join(__dirname, 'protos'),
    // Has google/api, which the definitions name for HTTP.
    path.dirname(require.resolve('protobufjs/package.json')),
  ],
  longs: String,
  oneofs: true,
});
const {InferenceService} = grpc.loadPackageDefinition(definition).sluice.v1;

async function main(server) {
  const client = new InferenceService(server, grpc.credentials.createInsecure());
  const call = (method, request) =>
    promisify(client[method].bind(client))(request, {deadline: Date.now() + 10_000});
  try {
    await classify(call, 'sentiment', 'came a day early and works well');
    await answer(call, 'boolean-answer', 'can guests get a key');
    await answer(call, 'span-answer', 'how much is the deposit');
    await multiClassify(
      call, ['sentiment', 'intent'], 'my parcel should have been here on Monday');
    await classify(call, 'nobody', 'anything');
  } finally {
    client.close();
  }
}

async function classify(call, task, text) {
  try {
    console.log(`${task}: ${best(await call('Classify', {task, text}))}`);
  } catch (error) {
    // NOT_FOUND: no such task. RESOURCE_EXHAUSTED, UNAVAILABLE: try again later.
    console.log(`${task}: ${grpc.status[error.code]} ${error.details}`);
  }
}

async function answer(call, task, question) {
  const reply = await call('Answer', {task, question, passage: PASSAGE});
  const {text, score} =
    reply.answer === 'boolean'
      ? {text: reply.boolean.value ? 'yes' : 'no', score: reply.boolean.score}
      : reply.span;
  console.log(`${question}: ${text} ${score.toFixed(3)}`);
}

async function multiClassify(call, tasks, text) {
  const {results} = await call('MultiClassify', {tasks, text});
  for (const {task, reply} of results) {
    console.log(`${task}: ${best(reply)}`);
  }
}

function best(reply) {
  const score = Math.max(...reply.scores.map(({score}) => score));
  return `${reply.label} ${score.toFixed(3)}`;
}

main(process.argv[2] ?? 'localhost:8433').catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
