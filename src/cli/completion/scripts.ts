export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What a shell has to read to complete `leadkeep`: each asks the command line itself what may follow. */
export const scripts: Record<Shell, string> = {
  bash: `# leadkeep completion bash. Put into ~/.bashrc:  eval "$(leadkeep completion bash)"
_leadkeep() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _leadkeep leadkeep
`,
  zsh: `#compdef leadkeep
# leadkeep completion zsh. Put into ~/.zshrc, behind compinit:  eval "$(leadkeep completion zsh)"
_leadkeep() {
  local line
  local -a found
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe leadkeep found
  else
    _files
  fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _leadkeep "$@"
else
  compdef _leadkeep leadkeep
fi
`,
  fish: `# leadkeep completion fish. Write to ~/.config/fish/completions/leadkeep.fish
function __leadkeep_find
    set -l words (commandline -opc) (commandline -ct)
    set -g __leadkeep_found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    test (count $__leadkeep_found) -gt 0
end
complete -c leadkeep -f -n __leadkeep_find -a '(printf "%s\\n" $__leadkeep_found)'
`,
};
