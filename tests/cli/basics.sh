# The program itself: help, version, unknown words, exit statuses.
ok tessera version
prints "tessera 0.1.0"
ok tessera --version
ok tessera -h
prints "usage: tessera COMMAND ..."
prints "version"
fails 2 "usage: tessera" tessera
fails 2 "unknown command 'versoin'; did you mean 'version'?" tessera versoin
fails 2 "unknown command 'frobnicate'" tessera frobnicate
ok tessera version -h
prints "example:"
fails 2 "unknown option '--hepl'" tessera version --hepl
fails 2 "unexpected argument 'extra'" tessera version extra
