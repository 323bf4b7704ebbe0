// Package app builds the program: it joins the packages that do not know each other, and
// holds the command line. It is the only package that knows everything, and nothing
// imports it but cmd/ficus and tests from end to end.
//
// A command is a struct in a file of its own, cli_<name>.go, whose fields are its flags
// and whose method Run(context.Context, *Streams) error does the work; the struct CLI in
// cli.go lists them all. What a command needs of the database, the store and the modules
// it gets from Open, and closes when it is done.
//
// It promises that every setting has a default that works, that each can be given as a
// flag, in the environment and in a file, in this order, and that exit codes mean the same
// everywhere: 0 done, 1 failed, 2 asked for wrongly.
package app
