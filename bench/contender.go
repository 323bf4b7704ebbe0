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
