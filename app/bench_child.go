package app

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// child is a server in a process of its own.
type child struct {
	cmd     *exec.Cmd
	address string
	start   time.Duration // until the first answer
}

// child starts this program with arguments that make it a server, and waits for its first answer.
func (b *benchStage) child(ctx context.Context, args []string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, program, args...)}
	c.cmd.Stderr = b.s.Err
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	b.children = append(b.children, c)
	lines := bufio.NewScanner(out)
	for c.address == "" && lines.Scan() {
		_, c.address, _ = strings.Cut(lines.Text(), " at ")
	}
	if c.address == "" {
		return nil, fault.New(fault.Unavailable, "the server %q did not start", args[:2])
	}
	err = c.answers(ctx)
	c.start = time.Since(begun)
	return c, err
}

func (c *child) answers(ctx context.Context) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+"/metadata", nil)
	if err != nil {
		return err
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	return a.Body.Close()
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return nil // it has ended already
	}
	return c.cmd.Wait()
}
