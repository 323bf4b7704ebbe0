package main

import (
	"fmt"
	"os"
)

func main() {
	tally, err := read(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	tally.print(os.Stdout)
	if !tally.good(os.Getenv("CI") == "true") {
		os.Exit(1)
	}
}
