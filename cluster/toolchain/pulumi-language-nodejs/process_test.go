package main

import (
	"context"
	"testing"
	"time"
)

func TestSuperviseEndsTheChild(t *testing.T) {
	for name, test := range map[string]struct {
		script      string
		least, most time.Duration
	}{
		"one that obeys TERM":   {"sleep 60", 0, killDelay / 2},
		"one that ignores TERM": {"trap '' TERM; while :; do sleep 1; done", killDelay, killDelay * 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			life, end := context.WithCancel(context.Background())
			cmd, ctx, cancel := command(t.Context(), life, "sh", "-c", test.script)
			defer cancel()
			time.AfterFunc(300*time.Millisecond, end)
			start := time.Now()
			err := supervise(cmd, cmd.Wait)
			took := time.Since(start) - 300*time.Millisecond
			if err == nil || ctx.Err() == nil {
				t.Errorf("got error %v, context %v", err, ctx.Err())
			}
			if took < test.least || took > test.most {
				t.Errorf("took %v, want %v to %v", took, test.least, test.most)
			}
		})
	}
}
