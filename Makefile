# Two commands do everything on a fresh machine with Python 3.11 or newer:
#
#   make run     set up what is missing, then the service, the console and a paper gateway
#   make test    set up what is missing, then every check and every test
#
# HOST, PORT and PAPER_PORT choose the addresses; IRONBRIDGE_HOME the folder in which data is kept.

.PHONY: run test env console bench kills check clean

run: env console
	@.venv/bin/ironbridge run

test: env console
	@scripts/test

# The checks alone: style, types, layers, contracts between parts. Seconds, not minutes.
check: env
	@scripts/check

# Ratios against bare ib_async, measured in one run.
bench: env
	@.venv/bin/python -m bench

# A thousand kills at random of an engine that trades, while its gateway loses, delays and doubles answers.
kills: env
	@KILLS=1000 .venv/bin/python -m pytest tests/adversity/test_kill.py -k random --timeout 7200

env:
	@scripts/env

console: env
	@scripts/console

clean:
	rm -rf .venv console/node_modules src/ironbridge/api/static .mypy_cache .ruff_cache .pytest_cache
