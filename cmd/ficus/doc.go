// Command ficus is the one binary of Ficus; package app holds what it does.
package main
