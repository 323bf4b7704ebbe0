// Package dbtest gives tests real databases: SQLite in a temporary folder, and
// a private PostgreSQL server of the test process.
//
// The server is started at first use, runs as an unprivileged user, listens on
// a free port of 127.0.0.1, and is stopped and removed when the test process
// ends, however it ends. Each test gets a database of its own. Where
// PostgreSQL is not installed, the test is named as not run (suites.Missing).
//
// It promises nothing about durability unless asked (Durable): the shared
// server runs with fsync off. Only tests import it.
package dbtest
