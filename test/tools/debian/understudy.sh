#!/bin/sh
# /usr/bin/understudy: the program, run by the runtime that the package brings along.
exec /usr/lib/understudy/node /usr/lib/understudy/dist/understudy.js "$@"
