// The manifests of docker/kubernetes, as 40_orchestrators.bats needs them.
//
//	types FILE...                    as TypeScript: its compiler finds a member that Kubernetes' own schema has not, or another type
//	pod FILE KIND NAME FOLDER SECRETS
//	                                 of the pod of FILE's Deployment or Job, a line for each container: `init`, `sidecar` or `main`,
//	                                 then words for `docker run`; and one for each probe: its name, then words for `docker exec`
//
// NAME is that of a container whose network the pod shares, and the beginning of its containers' names; in FOLDER its volumes
// are made, from the files of the folder SECRETS as the kubelet would: of the group fsGroup.

import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

const documents = file => parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' }).map(document => {
	if (document.errors.length)
		throw document.errors[0]
	return document.toJS()
})

function printTypes(files) {
	files.flatMap(documents).forEach((document, i) => {
		const { apiVersion, kind } = document
		const path = apiVersion.includes('/') ? apiVersion : `core/${apiVersion}` // the oldest group has no name
		console.log(`import { ${kind} as Kind${i} } from 'kubernetes-types/${path}'`)
		console.log(`export const document${i}: Kind${i} = ${JSON.stringify(document, null, 1)}`)
	})
}

function makeVolume({ name, secret }, folder, secrets, group) {
	const path = `${folder}/${name}`
	mkdirSync(path, { recursive: true })
	chownSync(path, 0, group)
	chmodSync(path, 0o2775)
	for (const { key, path: file } of secret ? secret.items ?? readdirSync(secrets).map(key => ({ key, path: key })) : []) {
		copyFileSync(`${secrets}/${key}`, `${path}/${file}`)
		chownSync(`${path}/${file}`, 0, group)
		chmodSync(`${path}/${file}`, secret.defaultMode ?? 0o644)
	}
}

function printPod(spec, name, folder, secrets) {
	const { runAsUser, runAsGroup, fsGroup } = spec.securityContext
	spec.volumes.forEach(volume => makeVolume(volume, folder, secrets, fsGroup))
	const print = (role, { name: own, image, args = [], env = [], volumeMounts = [], securityContext, ...probes }) => {
		const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = securityContext
		console.log([role, '--name', `${name}-${own}`, '--network', `container:${name}`,
			'--user', `${runAsUser}:${runAsGroup}`, '--group-add', fsGroup,
			...readOnlyRootFilesystem ? ['--read-only'] : [],
			...allowPrivilegeEscalation === false ? ['--security-opt', 'no-new-privileges'] : [],
			...capabilities.drop.flatMap(capability => ['--cap-drop', capability]),
			...env.flatMap(({ name, value }) => ['-e', `${name}=${value}`]),
			...volumeMounts.flatMap(({ name, mountPath }) => ['-v', `${folder}/${name}:${mountPath}`]),
			image, ...args].join(' '))
		for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'].filter(probe => probes[probe]))
			console.log(probe, `${name}-${own}`, ...probes[probe].exec.command)
	}
	spec.initContainers?.forEach(each => print(each.restartPolicy === 'Always' ? 'sidecar' : 'init', each))
	spec.containers.forEach(each => print('main', each))
}

const [verb, ...words] = process.argv.slice(2)
if (verb === 'types') {
	printTypes(words)
} else {
	const [file, kind, ...where] = words
	printPod(documents(file).find(document => document.kind === kind).spec.template.spec, ...where)
}
