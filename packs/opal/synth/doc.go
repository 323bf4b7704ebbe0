// Package synth writes a synthetic OpalDB dump of any size, in the form that
// mariadb-dump gives it, for the demo, for tests and for measuring.
//
// It owns made-up people and everything that a portal would know of them:
// names, numbers, accounts, appointments, laboratory results. Nobody in it
// exists. It promises that the same options give the same bytes, that a dump of
// any size is written as a stream, that every trap of the legacy data which the
// Opal pack must survive is in it and counted in the manifest, and that a
// MariaDB server loads it. Tables that the pack does not cover are there too.
// It never reads anything.
package synth
