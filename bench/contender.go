package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Contender is a server that is measured.
type Contender struct {
	Name  string
	Base  string // of FHIR, such as http://127.0.0.1:8080/fhir
	Token string // bearer token; may be empty
	PID   int    // of the process, if it runs on this machine; else 0
	Only  string // the workload that it takes part in; empty: all
	Start float64
	// Disk tells what the database takes, in bytes by part; nil where nobody knows.
	Disk func() (map[string]int64, error)
	// Written tells how many bytes went to the disk, or to the database's log, since some time; nil where nobody knows.
	Written func() (int64, error)
}

// written runs what measures and gives the bytes that were written meanwhile, 0 where nobody knows.
func (c Contender) written(during func() error) (int64, error) {
	if c.Written == nil {
		return 0, during()
	}
	before, err := c.Written()
	if err != nil {
		return 0, err
	}
	if err := during(); err != nil {
		return 0, err
	}
	after, err := c.Written()
	return after - before, err
}

// WrittenBy reads how many bytes a process of this machine sent to the disk (proc_pid_io(5)).
func WrittenBy(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "\nwrite_bytes: ")
	line, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseInt(line, 10, 64)
}

// memory reads the resident memory of the process, now and at its highest, in bytes; 0 where nobody knows
// (proc_pid_status(5)).
func (c Contender) memory() (now, peak int64) {
	if c.PID == 0 {
		return 0, 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.PID))
	if err != nil {
		return 0, 0
	}
	return kilobytes(string(text), "VmRSS:"), kilobytes(string(text), "VmHWM:")
}

func kilobytes(status, name string) int64 {
	_, rest, _ := strings.Cut(status, name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return n * 1024
}
