package main

import (
	"strings"

	v1 "k8s.io/api/core/v1"
	helpers "k8s.io/component-helpers/resource"
)

// A pod's requests and limits in all, once the API server has filled in what is missing.
func totals(pod *v1.Pod) map[string]map[v1.ResourceName]value {
	fillIn(pod)
	options := helpers.PodResourcesOptions{}
	return map[string]map[v1.ResourceName]value{
		// The pod-level amounts of the pod that they are given are changed by both of them.
		"requests": valuesOf(helpers.PodRequests(pod.DeepCopy(), options)),
		"limits":   valuesOf(helpers.PodLimits(pod.DeepCopy(), options)),
	}
}

func valuesOf(list v1.ResourceList) map[v1.ResourceName]value {
	values := map[v1.ResourceName]value{}
	for name, quantity := range list {
		values[name] = valueOf(quantity)
	}
	return values
}

// The API server's defaults for requests. They are in k8s.io/kubernetes (SetDefaults_Pod in pkg/apis/core/v1), which is too large
// a module to build for a test.
func fillIn(pod *v1.Pod) {
	for _, containers := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			resources := &containers[i].Resources
			resources.Requests = withMissing(resources.Requests, resources.Limits)
		}
	}
	whole := pod.Spec.Resources
	if whole == nil || len(whole.Limits) == 0 {
		return
	}
	inAll := v1.ResourceList{}
	for name, quantity := range helpers.AggregateContainerRequests(pod, helpers.PodResourcesOptions{}) {
		if helpers.IsSupportedPodLevelResource(name) && !strings.HasPrefix(string(name), v1.ResourceHugePagesPrefix) {
			inAll[name] = quantity
		}
	}
	whole.Requests = withMissing(withMissing(whole.Requests, inAll), whole.Limits)
}

func withMissing(list, defaults v1.ResourceList) v1.ResourceList {
	all := v1.ResourceList{}
	for name, quantity := range defaults {
		all[name] = quantity.DeepCopy()
	}
	for name, quantity := range list {
		all[name] = quantity
	}
	return all
}
