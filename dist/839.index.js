export const id=839;export const ids=[839];export const modules={4839:(e,t,n)=>{n.r(t),n.d(t,{EarlyConnection:()=>O,readyPause:()=>H,whilePaused:()=>F});var s=n(9337),i=n(7392),o=n(8161),a=n(1834),r=n(4643);let l=[{pattern:/HOST IDENTIFICATION HAS CHANGED|host key verification failed|no \S+ host key is known/i,meaning:"it has a host key that Lightsail doesn't report",advice:"After an upgrade of its operating system an instance may have new keys: delete those that Lightsail knows, and connect once in the Lightsail console. Otherwise another machine answers at this address.",isHostKey:!0},{pattern:/permission denied|too many authentication failures/i,meaning:"it refuses Lightsail's certificate",advice:"Check that you can connect to the instance in the Lightsail console. Its SSH server has to trust Lightsail's certificate authority (TrustedUserCAKeys), and to accept its signature: CASignatureAlgorithms +ssh-rsa.",isCertificateRefused:!0},{pattern:/could not resolve hostname/i,meaning:"the name is unknown",advice:"Check ssh-host."},{pattern:/connection refused/i,meaning:"nothing listens on the port",advice:"Check ssh-port, and that the instance runs an SSH server."},{pattern:/timed out|no route to host|network is unreachable/i,meaning:"nothing answers",advice:"Open the port in the instance's firewall for this runner. An instance with only an IPv6 address needs a runner that has IPv6."},{pattern:/load key .*(invalid|error|unknown)/i,meaning:"the runner's ssh can't read the key from Lightsail",advice:"Rerun the job. If it happens again, report it."}],h={"no-sudo":e=>[`user "${e}" can't become root without a password`,"Allow it: sudo -n has to work for that user."],"not-root":e=>[`the commands run as "${e}" instead of root`,"Check sudo on the instance."],"not-linux":e=>[`it runs ${e}`,"A pause needs Linux."],"no-command":e=>[`it has no command ${e}`,"Install the packages util-linux and coreutils on the instance."],"not-absolute":e=>[`"${e}" is not an absolute path`,"Correct freeze."],"no-mount-point":e=>[`"${e}" is not a mount point`,"Give the folder on which the file system is mounted: findmnt lists them."],system:e=>[`"${e}" is on a file system that the system itself uses`,"Freezing it could stop the instance for good. Use before-snapshot and after-snapshot instead of freeze."],"same-file-system":e=>[`"${e}" is on the same file system as another mount point`,"Give each file system once in freeze."],frozen:e=>[`"${e}" is frozen already`,"Find out what froze it, such as another backup. If nothing needs it any more: fsfreeze --unfreeze."],busy:()=>["another step is pausing it","Let only one step at a time pause an instance, for example with a concurrency group."],"freeze-failed":e=>[`"${e}" can't be frozen`,"It may be frozen already, or its file system can't freeze: ext4, XFS, Btrfs and F2FS can."],"before-failed":e=>["124"===e||"137"===e?"before-snapshot didn't finish within five minutes":`before-snapshot failed with exit code ${e}`,"Its output is in the log above."]};function c(e,{subject:t}){let[n="",...i]=t.split(" "),o=h[n]?.(i.join(" "))??[`it reported "${t}"`,"Rerun the job."];return new s.HR(`Can't pause instance "${e.name}": ${o[0]}.`,o[1])}function d({name:e}){return new s.HR(`Lost the connection to instance "${e}" during the pause.`,"Whatever was frozen on the instance thaws by itself: when the connection ends, and after pause-timeout.")}var u=n(1455),f=n(6760);let p="lightsail-instance";async function $(e,t){!function({userName:e,privateKey:t,certificate:n,hostKeys:i}){let o=Object.entries({"user name":e,key:t,certificate:n,"host keys":i.join()}).flatMap(([e,t])=>""===t?e:[]);if(0!==o.length)throw new s.HR(`Lightsail's response to GetInstanceAccessDetails has no ${o.join(", no ")}.`,"Check that you can connect to the instance with SSH in the Lightsail console.")}(e);let n=await (0,u.mkdtemp)((0,f.join)(t,"lightsail-access-")),i=()=>(0,u.rm)(n,{recursive:!0,force:!0,maxRetries:5}),o=async(e,t)=>{let s=(0,f.join)(n,e);return await (0,u.writeFile)(s,`${t.trim()}
`,{mode:384}),s};try{let t=e.hostKeys.map(({algorithm:e,publicKey:t})=>`${p} ${e} ${t}`);return{key:await o("key",e.privateKey),certificate:await o("key-cert.pub",e.certificate),knownHosts:await o("known_hosts",t.join("\n")),remove:i}}catch(e){throw await i(),e}}var m=n(1421),w=n(5209);function y(e){return`"${e.replaceAll("%","%%")}"`}class g{#e;#t=[];#n="";#s="";#i=0;#o;#a=()=>{};constructor(e,t){this.#e=(0,m.spawn)("ssh",e,{env:t,stdio:"pipe",windowsHide:!0}),this.#e.stdout.setEncoding("utf8").on("data",e=>this.#r(e)),this.#e.stderr.setEncoding("utf8").on("data",e=>this.#l(e)),this.#e.stdin.on("error",()=>{}),this.#e.once("error",e=>this.#h({thrown:e})),this.#e.once("close",()=>this.#h({}))}get isMissing(){return"ENOENT"===(0,w.S)(this.#o?.thrown,"code")}get isOpen(){return void 0===this.#o}send(e){this.#e.stdin.write(e)}async next(e){for(;0===this.#t.length&&void 0===this.#o&&!e.aborted;)await this.#c(e);return this.#t.shift()}async closed(e){for(;void 0===this.#o&&!e.aborted;)await this.#c(e)}takeErrors(){let e=0===this.#i?"":`
(${this.#i} more characters are left out)`,t=`${this.#s.trimEnd()}${e}`;return this.#s="",this.#i=0,t}end(){this.#e.stdin.end(),this.#e.kill()}#c(e){return new Promise(t=>{let n=(0,a.eG)(e,t);this.#a=()=>{n(),t()}})}#r(e){let t=`${this.#n}${e}`.split("\n");this.#n=(t.pop()??"").slice(0,65536);let n=t.flatMap(e=>(function(e){let[,t,n]=/^pause (\S+) ?(.*)$/.exec(e)??[];return void 0===t||void 0===n?void 0:{word:t,subject:n}})(e)??[]);this.#t.push(...n),n.length>0&&this.#a()}#l(e){let t=e.slice(0,65536-this.#s.length);this.#s+=t,this.#i+=e.length-t.length}#h(e){this.#o??=e,this.#a()}}class v{devices;#d;#u;#f;constructor(e,t,n,s){this.#d=e,this.#u=t,this.devices=n,this.#f=s}get isOpen(){return this.#u.isOpen}async begin(){let{pause:e,instance:t}=this.#d;this.#u.send("freeze\n");let n=33e4+e.timeoutMs,s=await this.#p(["frozen","refused"],n,this.#f.signal);if(void 0===s)throw this.close(),d(t);if("frozen"!==s.word)throw await this.finish(),c(t,s)}async thaw(){this.#u.send("thaw\n");let e=this.#f.signal.aborted?1500:15e3,t=await this.#p(["held","lost"],e,void 0);return t?.word==="held"}async finish(){var e;let{instance:t}=this.#d,{signal:n}=this.#f,i=await this.#p(["after-failed","finished"],33e4,n);return(await (0,a.Bv)(2e3,n,this.#f.clock,e=>this.#u.closed(e)),this.close(),void 0===i)?n.aborted?void 0:d(t):"finished"===i.word?void 0:(e=i.subject,new s.HR("124"===e||"137"===e?`after-snapshot didn't finish within five minutes on instance "${t.name}".`:`after-snapshot failed with exit code ${e} on instance "${t.name}".`,"Check that everything runs on the instance again. The output is in the log above."))}close(){this.#u.end();let e=this.#u.takeErrors();if(""===e)return;let t=`Output of the commands on instance "${this.#d.instance.name}"`;this.#f.log.group(t,e.split("\n"))}#p(e,t,n){return(0,a.Bv)(t,n,this.#f.clock,async t=>{for(;;){let n=await this.#u.next(t);if(void 0===n||e.includes(n.word))return n}})}}async function k(e,t,n){let i=await $(t,n.temporaryFolder);try{let t=t=>b(e,function({userName:e,host:t,port:n},s,i){let a={BatchMode:"yes",CertificateFile:y(s.certificate),CheckHostIP:"no",ClearAllForwardings:"yes",ConnectTimeout:"15",ControlPath:"none",GlobalKnownHostsFile:o.devNull,HostKeyAlias:p,IdentitiesOnly:"yes",IdentityAgent:"none",IdentityFile:y(s.key),PreferredAuthentications:"publickey",ServerAliveCountMax:"3",ServerAliveInterval:"5",StrictHostKeyChecking:"yes",UserKnownHostsFile:y(s.knownHosts),...i?{PubkeyAcceptedKeyTypes:"ssh-rsa-cert-v01@openssh.com,ssh-rsa"}:{}};return["-F",o.devNull,"-T","-l",e,"-p",String(n),...Object.entries(a).map(([e,t])=>`-o${e}=${t}`),"--",t,'exec sh -c \'if [ "$(id -u)" = 0 ]; then exec sh; elif sudo -n true </dev/null 2>/dev/null; then exec sudo -n sh; else echo "pause refused no-sudo $(id -un)"; fi\'']}(e.target,i,t),n),a=await t(!1),{connection:r,report:l}=a instanceof s.HR?await I(t(!0)):a;return await i.remove(),await S(e,r,l,n)}finally{await i.remove()}}async function b(e,t,{clock:n,signal:i,environment:o}){var h;let c,d=new g(t,o);return d.send((c=Object.entries({MODE:e.mode,MOUNTS:(h=e.pause).mounts.join("\n"),BEFORE:h.before,AFTER:h.after,TIMEOUT:String(Math.ceil(h.timeoutMs/1e3))}).map(([e,t])=>`${e}='${t.replaceAll("'","'\\''")}'`),`${c.join("\n")}
set -uf
umask 077
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
IFS='
'
LOCK=$\{PAUSE_LOCK:-/run/lightsail-disk-snapshot.lock}
HOOK_LIMIT=$\{PAUSE_HOOK_LIMIT:-300}
frozen=    # what has been frozen so far, the last one first
freezing=  # the freezes in progress: a process and a mount point each
failed=    # the first that could not be frozen
disks=     # the disks below the file systems
nested=no  # whether one of the file systems is in a file on another one
stopped=no # whether a signal came while they were being frozen
timer=     # the timer's process
begun=no   # whether BEFORE was started
asked=no   # whether the step asked for the end
report() {
  printf 'pause %s\\n' "$1"
}
refuse() {
  report "refused $1 $2"
  exit 1
}
check_system() {
  [ "$(uname -s)" = Linux ] || refuse not-linux "$(uname -s)"
  [ "$(id -u)" = 0 ] || refuse not-root "$(id -un)"
  [ -z "$MOUNTS" ] || need fsfreeze mountpoint
  need flock timeout
}
need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || refuse no-command "$tool"
  done
}
names_of() {
  stat -Lc %d "$1"
  df -P "$1" | sed -n '2s/[[:space:]].*//p'
}
share_one() {
  for name in $2; do
    case "$IFS$1$IFS" in *"$IFS$name$IFS"*) return 0 ;; esac
  done
  return 1
}
check_mounts() {
  [ -n "$MOUNTS" ] || return 0
  system=
  for path in / /usr /var /boot /home /etc /tmp; do
    [ ! -e "$path" ] || system="$system$IFS$(names_of "$path")"
  done
  all=
  for mount in $MOUNTS; do
    case $mount in
      /*) ;;
      *) refuse not-absolute "$mount" ;;
    esac
    mountpoint -q "$mount" || refuse no-mount-point "$mount"
    names=$(names_of "$mount")
    ! share_one "$system" "$names" || refuse system "$mount"
    ! share_one "$all" "$names" || refuse same-file-system "$mount"
    all="$all$IFS$names"
    device=$\{names##*"$IFS"}
    ! is_frozen "$mount" "$device" || is_dry_run_in_a_pause || refuse frozen "$mount"
    report_disks "$mount" "$device"
  done
  for disk in $disks; do
    file=$(cat "/sys/block/$\{disk##*/}/loop/backing_file" 2>/dev/null) || continue
    ! share_one "$all" "$(names_of "$file" 2>/dev/null)" || nested=yes
  done
}
is_frozen() {
  case $(findmnt -rno FSTYPE,FS-OPTIONS -M "$1" 2>/dev/null) in
    "ext4 rw"*) ;;
    *) return 1 ;;
  esac
  case " $(dumpe2fs -h "$2" 2>/dev/null | sed -n 's/^Filesystem features: *//p') " in
    *" needs_recovery "*) return 1 ;;
    *" has_journal "*) return 0 ;;
  esac
  return 1
}
is_dry_run_in_a_pause() {
  [ "$MODE" != pause ] && ! is_alone
}
report_disks() {
  below=$(lsblk -snrpo NAME,SERIAL "$2" 2>/dev/null)
  report "device $1:$2 $(echo "$below" | tr '\\n' ' ')"
  for line in $below; do
    disks="$disks$\{line%% *}$IFS"
  done
}
hook() {
  [ -z "$1" ] || timeout -k 10 "$HOOK_LIMIT" sh -ec "$1" </dev/null >&2 9>&-
}
freeze() {
  trap stopped=yes HUP INT TERM
  for mount in $MOUNTS; do
    fsfreeze --freeze "$mount" &
    freezing="$freezing$! $mount$IFS"
    [ "$nested" = no ] || settle
  done
  settle
  trap 'exit 1' HUP INT TERM
  [ "$stopped" = no ] || exit
}
settle() {
  for each in $freezing; do
    pid=$\{each%% *}
    wait "$pid"
    code=$?
    while kill -0 "$pid" 2>/dev/null; do
      wait "$pid"
      code=$?
    done
    if [ "$code" = 0 ]; then frozen="$\{each#* }$IFS$frozen"; else failed=$\{failed:-$\{each#* }}; fi
  done
  freezing=
  [ -z "$failed" ] || refuse freeze-failed "$failed"
}
thaw() {
  held=yes
  thawing=
  for mount in $1; do
    fsfreeze --unfreeze "$mount" 2>/dev/null &
    thawing="$thawing$!$IFS"
  done
  for pid in $thawing; do
    wait "$pid" || held=no
  done
  [ "$held" = yes ]
}
run_timer() {
  exec </dev/null >/dev/null 2>&1 9>&-
  all=
  for mount in $MOUNTS; do
    all="$mount$IFS$all"
  done
  sleep "$TIMEOUT"
  is_alone || kill -TERM $$
  until is_alone; do
    thaw "$all"
    sleep 1
  done
  thaw "$all"
  hook "$AFTER"
}
is_alone() {
  flock -n "$LOCK" true
}
clean_up() {
  trap - EXIT
  trap : HUP INT TERM
  if thaw "$frozen" && [ "$asked" = yes ]; then report held; else report lost; fi
  [ -z "$timer" ] || kill -KILL "$timer"
  if [ "$begun" = yes ]; then
    report after
    hook "$AFTER" || report "after-failed $?"
  fi
  report finished
}
pause() {
  word=$(timeout 300 head -n 1)
  [ "$word" = freeze ] || exit
  trap clean_up EXIT
  trap 'exit 1' HUP INT TERM
  trap : PIPE
  begun=yes
  report before
  hook "$BEFORE" || refuse before-failed $?
  for mount in $MOUNTS; do
    sync -f "$mount" 2>/dev/null || sync
  done
  run_timer &
  timer=$!
  freeze
  report frozen
  read -r word
  [ "$word" != thaw ] || asked=yes
}
main() {
  cd /
  check_system
  if [ "$MODE" = pause ]; then
    exec 9>"$LOCK"
    flock -n 9 || refuse busy "$LOCK"
  fi
  check_mounts
  report ready
  [ "$MODE" != pause ] || pause
}
main; exit
`)),(0,a.Bv)(45e3,i,n,async t=>{let n=await d.next(t);if(void 0!==n)return{connection:d,report:n};let i=t.aborted;if(d.end(),d.isMissing){var o;throw o=e.instance,new s.HR(`Can't connect to instance "${o.name}": there is no ssh on this runner.`,"Install the OpenSSH client on the runner, in its container image if the job has one.")}let a=function(e,{userName:t,host:n,port:i},o,a){let h=l.find(({pattern:e})=>e.test(o)),c=o.trim().split("\n").at(-1)??"",d=h?.meaning??(a?"it doesn't answer in time":"the connection ended"),u=""===c?"":` (${c.trim()})`,f={purpose:"Delete the host keys that Lightsail knows",language:"sh",text:(0,r.bg)("delete-known-host-keys",e.region,{"instance-name":e.name})};return{failure:new s.HR(`Can't connect to instance "${e.name}" as ${t} at ${n} port ${i}: ${d}${u}.`,h?.advice??"Check that you can connect to the instance with SSH in the Lightsail console.",{copyables:h?.isHostKey?[f]:[]}),isCertificateRefused:h?.isCertificateRefused===!0}}(e.instance,e.target,d.takeErrors(),i);if(a.isCertificateRefused)return a.failure;throw a.failure})}async function I(e){let t=await e;if(t instanceof s.HR)throw t;return t}async function S(e,t,n,s){let i=[];try{return await (0,a.Bv)(45e3,s.signal,s.clock,async o=>{let a=n;for(;a?.word==="device";)i.push(a.subject),a=await t.next(o);if(a?.word==="ready")return new v(e,t,i,s);throw void 0===a?d(e.instance):c(e.instance,a)})}catch(e){throw t.end(),e}}async function T(e,t){let{lightsail:n,patience:s}=t,[i,o]=await Promise.allSettled([n.getInstance(e,s),z(e,t)]);if("fulfilled"===i.status&&"fulfilled"===o.status&&void 0!==i.value)return{instance:i.value,session:o.value};if("fulfilled"===o.status&&o.value.close(),"rejected"===i.status)throw i.reason;throw"rejected"===o.status?o.reason:_(e,n.region)}async function z(e,{plan:t,mode:n,lightsail:i,patience:a,step:r}){let l=await i.getInstanceAccess(e,a);if(void 0===l)throw _(e,i.region);""!==l.privateKey&&r.log.mask(l.privateKey);let h={name:e,region:i.region},c=t.host??l.address;if(""===c)throw new s.HR(`Can't connect to instance "${h.name}": Lightsail reports no address for it.`,"Check that the instance runs, or give its address as ssh-host.");let d={userName:l.userName,host:c,port:t.port},u=r.environment.RUNNER_TEMP||(0,o.tmpdir)();return k({instance:h,target:d,pause:t,mode:n},l,{...r,temporaryFolder:u})}function _(e,t){return new s.HR(`There is no instance "${e}" in ${t}.`,"Check the spelling and aws-region.",{isMissing:!0})}class O{#$=new AbortController;#m;#w;#y=!1;constructor(e,t){let{signal:n}=this.#$;(0,a.eG)(t.step.signal,()=>this.#$.abort());let s={...t,patience:{...t.patience,signal:n},step:{...t.step,signal:n}};this.#m=E(e,s),this.#w=this.#m.then(e=>void 0===e?void 0:T(e,s)),this.#w.catch(()=>{})}async take(e){let t=await this.#m===e?await this.#w:void 0;if(this.#y=t?.session.isOpen===!0,this.#y)return t;await this.close()}async close(){if(this.#y)return;this.#$.abort();let e=await this.#w.catch(()=>void 0);e?.session.close()}}async function E({type:e,name:t},{lightsail:n,patience:s}){if("instance"===e)return t;try{let e=await n.getDisk(t,{...s,attempts:1});return e?.attachedTo??void 0}catch{return}}async function H(e,t,n){let{lightsail:i,patience:o,plan:a}=e,r=await C(t,i,o),l=function(e,t){let n=new Set([...e.flatMap(({source:e})=>"instance"===e.type?e.name:[]),...t.map(({attachedTo:e})=>e)]),[i,...o]=n;if("string"==typeof i&&0===o.length)return i;let a=t.filter(({attachedTo:e})=>null===e),r=a.length>0?`disk "${a.map(e=>e.name).join('", "')}" is attached to no instance`:`they are on several instances: ${[...n].join(", ")}`;throw new s.HR(`Can't pause the instance of the disks: ${r}.`,"A pause takes disks of one instance. Use a step for each instance.")}(t,r),h=t.some(({snapshotType:e})=>"instance"===e),{instance:c,session:d}=await n?.take(l)??await T(l,e);try{return{instance:{name:l,region:i.region},session:d,disks:h?new Set:function(e,t,{instance:n,captured:i}){let o=new Set;for(let[a,r]of e.entries()){let e=(t[a]??"").slice(r.length+1).split(/\s+/),l=i.find(t=>(function({path:e,volumeId:t},n){let s=t?.replace("-","");return null!==e&&n.includes(e)||void 0!==s&&n.includes(s)})(t,e));if(void 0!==l)o.add(l.name);else if(function(e,{disks:t},n){let s=e.some(e=>/^vol[0-9a-f]+$/.test(e)),i=n.every(({volumeId:e})=>null!==e);return s&&i||t.some(({path:t})=>null!==t&&e.includes(t))}(e,n,i))throw function(e,{name:t}){return new s.HR(`freeze: "${e}" on instance "${t}" is on a disk that this step takes no snapshot of.`,"Add that disk, or leave the mount point out. A system disk is never frozen.")}(r,n);else for(let{name:e}of i)o.add(e)}return o}(a.mounts,d.devices,{instance:c,captured:r})}}catch(e){throw d.close(),e}}async function C(e,{getDisk:t},n){return(await (0,i.y)(e.filter(({source:e})=>"disk"===e.type),5,async({source:e,disk:s},i)=>s??t(e.name,{...n,signal:i}),n.signal)).filter(e=>void 0!==e)}async function F({instance:e,session:t},{clock:n,signal:i},o){try{await t.begin();let a=n.monotonic(),r=await o(),l=await t.thaw(),h=n.monotonic()-a,c=await t.finish(),d=[...l||i.aborted?[]:[new s.HR(`The pause of instance "${e.name}" ended before all snapshots were requested.`,"The snapshots are kept, but they are only crash-consistent. Increase pause-timeout if the requests took longer, and check that nothing else thaws the file systems.")],...void 0===c?[]:[c]];return{value:r,held:l,durationMs:h,failures:d}}finally{t.close()}}}};