"""The service: REST and WebSockets over a bridge, and the console's pages.

`service.make_service` makes the application, `serve` listens, `openapi` prints the interface without starting anything.
The only importer of FastAPI, Starlette and uvicorn.
"""
