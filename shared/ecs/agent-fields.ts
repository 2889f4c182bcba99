// The fields that Winlogbeat (7 to 9, its modules included), Elastic Agent and Logstash write
// beyond ECS.

/**
 * In the notation of `field-tree.ts`. Names and types: elastic/beats
 * winlogbeat/_meta/fields.common.yml, x-pack/winlogbeat/module/{powershell,security,sysmon},
 * libbeat's common fields, and elastic/integrations packages/{windows,winlog,system}. `fields`
 * holds what an operator adds.
 */
export const AGENT_FIELDS = `
@version agent { hostname } elastic_agent { id snapshot:boolean version } fields:flattened host { containerized:boolean os { build codename } }
input { type } log { offset:long flags file { device_id fingerprint inode idxhi idxlo vol } }
winlog {
  activity_id api channel computer_name event_id keywords level opcode outcome provider_guid provider_name record_id related_activity_id symbolic_id task
  computerObject { domain id name } event_data:flattened event_identifier_qualifiers:long kernel_time:long
  logon { failure { reason status sub_status } id type } process { pid:long thread { id:long } } processor_id:long processor_time:long session_id:long
  time_created:date trustAttribute trustDirection trustType user { domain identifier name type } user_data:flattened user_time:long version:long
}
powershell {
  command { invocation_details { name related_command type value:match_only_text } name path type value:match_only_text } connected_user { domain name }
  engine { new_state previous_state version } file { script_block_hash script_block_id script_block_text:match_only_text } id pipeline_id
  process { executable_version } provider { name new_state } runspace_id sequence:long total:long
}
sysmon { dns { status } file { archived:boolean is_executable:boolean } }
`;
