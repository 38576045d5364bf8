#!/usr/bin/env bash
# Asks the example tasks of a Sluice server over HTTP: ./ask.sh [HOST:PORT]
set -euo pipefail
server=${1:-localhost:8433}

# Prints the reply, a line of JSON. Fails where the server does not answer; a status like 404 is an answer.
ask() {
  local path=$1 body=$2
  curl -sS --max-time 10 -H 'content-type: application/json' -d "$body" -w '\n' "http://$server$path"
}

ask /v1/tasks/sentiment:classify '{"text": "came a day early and works well"}'

passage='The gate is locked at ten at night. Guests get a key at the desk for a deposit of five euros.'
ask /v1/tasks/boolean-answer:answer "{\"question\": \"can guests get a key\", \"passage\": \"$passage\"}"
ask /v1/tasks/span-answer:answer "{\"question\": \"how much is the deposit\", \"passage\": \"$passage\"}"

ask /v1/tasks:classify '{"tasks": ["sentiment", "intent"], "text": "my parcel should have been here on Monday"}'

# The status is what to act on: 404 is a name that no task has, 429 and 503 say in Retry-After when to come again.
curl -sS --max-time 10 -H 'content-type: application/json' -d '{"text": "anything"}' -w ' %{http_code}\n' \
  "http://$server/v1/tasks/nobody:classify"
