package main

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/spf13/pflag"
	etcdversion "go.etcd.io/etcd/api/v3/version"

	"quorumlab/sim"
	"quorumlab/sim/export"
	"quorumlab/sim/run"
)

// chaosFlags declares what must be known of the real cluster.
func (o *exportOptions) chaosFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.namespace, "namespace", "",
		"indexed-job, chaos-mesh: the namespace (chaos-mesh: default if not given)")
	fs.StringVar(&o.statefulSet, "statefulset", "etcd", "chaos-mesh: the members' StatefulSet: n1 is its pod 0 and so on")
	fs.StringVar(&o.service, "service", "", "chaos-mesh: its headless service (default: the StatefulSet's name)")
	fs.StringSliceVar(&o.target.Pods, "pods", nil, "chaos-mesh: the members' pods in order, instead of a StatefulSet's")
	fs.StringSliceVar(&o.target.Endpoints, "endpoints", nil, "chaos-mesh: the members' client URLs in order (default: "+
		"the pods' in the service, port 2379)")
	fs.StringVar(&o.target.Container, "container", "etcd", "chaos-mesh: the container with etcd in each pod")
	fs.StringVar(&o.target.Volume, "volume", "/var/lib/etcd", "chaos-mesh: where the data volume is mounted in that "+
		"container")
	fs.StringSliceVar(&o.labels, "selector", nil, "chaos-mesh: labels of the members' pods, like app=etcd: select by "+
		"label instead of by name")
	fs.StringVar(&o.target.MemberLabel, "member-label", "statefulset.kubernetes.io/pod-name",
		"chaos-mesh: with --selector, the label that tells the pods apart; --pods are its values")
	fs.StringVar(&o.target.Image, "etcd-image", "quay.io/coreos/etcd:v"+etcdversion.Version, "chaos-mesh: image with "+
		"etcdctl, to find the leader")
	fs.StringVar(&o.target.TLSSecret, "tls-secret", "", "chaos-mesh: secret with ca.crt, tls.crt and tls.key for etcdctl")
	fs.BoolVar(&o.leaveOut, "leave-out", false, "chaos-mesh: leave out statements without a counterpart instead of "+
		"refusing the scenario")
}

func (o *exportOptions) chaosMesh(args []string, std streams) ([]byte, error) {
	if len(args) != 1 {
		return nil, badUsage("quorumlab list scenarios shows the library",
			"export --to chaos-mesh takes one scenario, not %d", len(args))
	}
	var seed *uint64
	if o.fs.Changed("seed") {
		seed = &o.sweep.seed
	}
	list, err := loadScenarios(args, o.sweep.sets, seed)
	if err != nil {
		return nil, err
	}
	if err := o.fillTarget(list[0]); err != nil {
		return nil, err
	}
	text, leftOut, err := export.ChaosMesh(list[0], export.ChaosOptions{Target: o.target, LeaveOut: o.leaveOut,
		Made: o.made(args), Version: version})
	var none *export.NoCounterpartError
	if errors.As(err, &none) {
		return nil, &run.InputError{Err: err, Hint: "--leave-out exports the rest"}
	} else if err != nil {
		return nil, &run.InputError{Err: err, Hint: ""}
	}
	for _, r := range leftOut {
		fmt.Fprintf(std.err, "left out: step %d %q: %s\n", r.Step, r.What, r.Reason)
	}
	return text, nil
}

// fillTarget reads what the flags say of the cluster, and what is wrong with it.
func (o *exportOptions) fillTarget(s *sim.Scenario) error {
	t := &o.target
	t.Namespace = o.namespace
	if t.Namespace == "" {
		t.Namespace = "default"
	}
	if o.service == "" {
		o.service = o.statefulSet
	}
	if len(t.Pods) == 0 {
		for i := range s.Cluster.Members {
			t.Pods = append(t.Pods, fmt.Sprintf("%s-%d", o.statefulSet, i))
		}
	}
	if len(t.Endpoints) == 0 {
		t.Endpoints = o.endpoints()
	}
	if err := o.parseLabels(); err != nil {
		return err
	}
	return o.checkTarget(len(s.Cluster.Members))
}

// endpoints are the pods' names in the headless service.
func (o *exportOptions) endpoints() (urls []string) {
	scheme := "http"
	if o.target.TLSSecret != "" {
		scheme = "https"
	}
	for _, p := range o.target.Pods {
		urls = append(urls, fmt.Sprintf("%s://%s.%s.%s.svc:2379", scheme, p, o.service, o.target.Namespace))
	}
	return urls
}

var labelForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]*=[A-Za-z0-9._-]*$`)

// parseLabels reads --selector. Without it, pods are selected by name.
func (o *exportOptions) parseLabels() error {
	if len(o.labels) == 0 {
		if o.fs.Changed("member-label") {
			return badUsage("", "--member-label needs --selector")
		}
		o.target.MemberLabel = ""
	}
	for _, l := range o.labels {
		if err := checkForm("selector", l, labelForm, `a label, like "app=etcd"`); err != nil {
			return err
		}
		if o.target.Labels == nil {
			o.target.Labels = map[string]string{}
		}
		key, value, _ := strings.Cut(l, "=")
		o.target.Labels[key] = value
	}
	return nil
}

func (o *exportOptions) checkTarget(members int) error {
	t := &o.target
	names := map[string][]string{"namespace": {t.Namespace}, "statefulset": {o.statefulSet}, "service": {o.service},
		"pods": t.Pods, "container": {t.Container}}
	if t.TLSSecret != "" {
		names["tls-secret"] = []string{t.TLSSecret}
	}
	for _, flag := range []string{"namespace", "statefulset", "service", "pods", "container", "tls-secret"} {
		for _, n := range names[flag] {
			if err := kubeName(flag, n); err != nil {
				return err
			}
		}
	}
	if len(t.Pods) != members {
		return badUsage("", "--pods: %d pods for %s", len(t.Pods), counted(members, "member"))
	}
	if len(t.Endpoints) != members {
		return badUsage("", "--endpoints: %d URLs for %s", len(t.Endpoints), counted(members, "member"))
	}
	for _, e := range t.Endpoints {
		if u, err := url.Parse(e); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
			strings.ContainsAny(e, `"\ ,`) {
			return badUsage("", "--endpoints: %q is not a URL, like http://etcd-0.etcd.default.svc:2379", e)
		}
	}
	if !strings.HasPrefix(t.Volume, "/") {
		return badUsage("", "--volume: %q is not an absolute path", t.Volume)
	}
	return nil
}
